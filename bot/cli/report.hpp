#pragma once

#include <iostream>
#include <string>

namespace slipway {

/// What `slipway doctor` prints, a line each, with what fixes it below.
class Report {
public:
    void good(const std::string& what) { std::cout << "ok    " << what << '\n'; }

    void bad(const std::string& what, const std::string& fix)
    {
        std::cout << "FAIL  " << what << "\n      " << fix << '\n';
        ++failures;
    }

    /// It works without, but somebody may want to know.
    void note(const std::string& what, const std::string& advice)
    {
        std::cout << "ok    " << what << "\n      " << advice << '\n';
    }

    int failures = 0;
};

}  // namespace slipway
