#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace simulator {

/// Something that goes wrong, once or several times.
///
/// `on` says where: a Web API method ("chat.postMessage"), "response_url", "upload", "graphql", a Linear root
/// field ("commentCreate"), "github", "prometheus", "hook", "link" (websocket handshake), "hello",
/// "envelope", or "*" for every HTTP request.
struct Fault {
    enum class What {
        drop,          ///< closed without an answer; of "hello" and "envelope": not sent
        delay,         ///< answered (or sent) after `delay` of the simulated clock
        reset,         ///< RST without an answer
        hold,          ///< never answered, connection kept
        truncate,      ///< half the body, then closed
        huge,          ///< a body of 100 MB
        rate_limited,  ///< 429 with `Retry-After` if `retry_after` is given; Linear: as `status` 400 (or 200)
                       ///< RATELIMITED
        html,          ///< `status` (default 503; 429 for a proxy's limit) with an HTML page
        status,        ///< `status` with a JSON body `error`; of "link": the handshake's answer
        refuse,        ///< HTTP 200 `{"ok":false,"error":error,"needed":needed}`
        duplicate,     ///< "envelope": sent twice
        malformed,     ///< "envelope": its payload cut in the middle, so that it is no JSON
        half_open,     ///< "hello": it is said, then nothing is read or written any more and nobody is told
    };
    std::string on = "*";
    What what = What::drop;
    int times = 1;                ///< how many requests it hits; 0 for all to come
    int skip = 0;                 ///< how many it lets pass first
    bool after_applying = false;  ///< the request takes effect, then the fault: an ambiguous outcome
    int status = 0;
    std::chrono::milliseconds delay{0};
    std::optional<std::chrono::seconds> retry_after{};
    std::string error = "internal_error";
    std::string needed{};  ///< the scope that missing_scope names
};

/// The faults still to come. One thread.
class Faults {
public:
    void add(Fault fault) { faults_.push_back(std::move(fault)); }

    void clear() { faults_.clear(); }

    /// The fault that hits the next use of any of `names`, counted as played.
    [[nodiscard]] std::optional<Fault> next(const std::vector<std::string>& names);

    /// True when nothing is left to go wrong.
    [[nodiscard]] bool empty() const { return faults_.empty(); }

private:
    std::vector<Fault> faults_;
};

[[nodiscard]] std::string to_string(Fault::What what);

}  // namespace simulator
