#include "storage/chain.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace slipway::storage {

namespace {

std::string sha256_hex(const std::string& text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 is not available");
    }
    constexpr auto digits = "0123456789abcdef";
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += digits[digest.at(i) >> 4U];
        hex += digits[digest.at(i) & 15U];
    }
    return hex;
}

}  // namespace

std::string chain_hash(const LedgerRow& row)
{
    std::string encoded;
    for (const auto& part :
         {row.prev_hash, std::to_string(row.seq), row.deployment, row.kind, row.actor, row.at, row.body}) {
        encoded += std::to_string(part.size()) + ':' + part;
    }
    return sha256_hex(encoded);
}

}  // namespace slipway::storage
