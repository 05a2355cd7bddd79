#include "tests/simulator/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace simulator {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

using File = std::unique_ptr<std::FILE, CloseFile>;

constexpr long day = 24 * 60 * 60;

struct Wish {
    std::string name;
    std::string alternatives;  ///< as in openssl.cnf; empty: a CA
    long from = -day;
    long until = day;
};

void add_extension(X509* certificate, int kind, const std::string& value)
{
    X509V3_CTX context{};
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), &X509_EXTENSION_free
    );
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
        throw std::runtime_error("cannot add " + value);
    }
}

Certificate make_certificate(const Wish& wish, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key)
{
    static long serial = 1;
    Certificate certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wish.from);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wish.until);
    X509_set_pubkey(certificate.get(), key);
    auto* const subject = X509_get_subject_name(certificate.get());
    const auto* const name = reinterpret_cast<const unsigned char*>(wish.name.c_str());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0);
    X509_set_issuer_name(
        certificate.get(),
        issuer != nullptr ? X509_get_subject_name(issuer) : X509_get_subject_name(certificate.get())
    );
    add_extension(
        certificate.get(), NID_basic_constraints, wish.alternatives.empty() ? "critical,CA:TRUE" : "CA:FALSE"
    );
    if (!wish.alternatives.empty()) {
        add_extension(certificate.get(), NID_subject_alt_name, wish.alternatives);
    }
    if (X509_sign(certificate.get(), issuer_key, EVP_sha256()) == 0) {
        throw std::runtime_error("cannot sign");
    }
    return certificate;
}

File create(const std::string& path)
{
    File file(std::fopen(path.c_str(), "w"));
    if (!file) {
        throw std::runtime_error("cannot write " + path);
    }
    return file;
}

Certificates::Pair save(
    const std::string& directory, const std::string& name, X509* certificate, EVP_PKEY* key
)
{
    Certificates::Pair pair{directory + "/" + name + ".pem", directory + "/" + name + ".key"};
    PEM_write_X509(create(pair.certificate).get(), certificate);
    PEM_write_PrivateKey(create(pair.key).get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return pair;
}

}  // namespace

Certificates::Certificates()
{
    auto pattern = (std::filesystem::temp_directory_path() / "slipway-tls-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no temporary directory");
    }
    directory_ = pattern;
    const std::string names = "DNS:localhost,DNS:api.test,IP:127.0.0.1,IP:::1";

    const Key ca_key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const auto root = make_certificate({"Slipway test CA", ""}, ca_key.get(), nullptr, ca_key.get());
    ca = save(directory_, "ca", root.get(), ca_key.get());
    const auto signed_pair = [&](const std::string& name, const Wish& wish) {
        const auto certificate = make_certificate(wish, key.get(), root.get(), ca_key.get());
        return save(directory_, name, certificate.get(), key.get());
    };
    good = signed_pair("good", {"good", names});
    other_name = signed_pair("other_name", {"other", "DNS:elsewhere.test,DNS:*.wild.test,IP:127.0.0.9"});
    expired = signed_pair("expired", {"expired", names, -2 * day, -day});
    not_yet = signed_pair("not_yet", {"not yet", names, day, 2 * day});
    const auto alone = make_certificate({"alone", names}, key.get(), nullptr, key.get());
    self_signed = save(directory_, "self_signed", alone.get(), key.get());
}

Certificates::~Certificates()
{
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

}  // namespace simulator
