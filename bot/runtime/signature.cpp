#include "bot/runtime/signature.hpp"

#include "commands/text/hex.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace slipway {

std::string hmac_sha256(const std::string& key, const std::string& text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (HMAC(
            EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), digest.data(), &size
        ) == nullptr) {
        throw std::runtime_error("HMAC failed");
    }
    return hex({digest.data(), size});
}

bool is_same_signature(const std::string& given, const std::string& expected)
{
    return given.size() == expected.size() &&
           CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

}  // namespace slipway
