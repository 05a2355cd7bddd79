#pragma once

#include <string>

namespace simulator {

/// Certificates made for this run, in a directory that goes away with it. All but the self-signed ones are
/// signed by `ca`.
class Certificates {
public:
    struct Pair {
        std::string certificate, key;  ///< paths of PEM files
    };

    Certificates();
    ~Certificates();
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    Pair ca;
    Pair good;         ///< localhost, api.test, 127.0.0.1, ::1
    Pair other_name;   ///< elsewhere.test, 127.0.0.9
    Pair expired;      ///< as good, until yesterday
    Pair not_yet;      ///< as good, from tomorrow
    Pair self_signed;  ///< as good, signed by itself

private:
    std::string directory_;
};

}  // namespace simulator
