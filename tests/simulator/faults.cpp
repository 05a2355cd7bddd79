#include "tests/simulator/faults.hpp"

#include <algorithm>

namespace simulator {

std::optional<Fault> Faults::next(const std::vector<std::string>& names)
{
    for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
        if (std::find(names.begin(), names.end(), fault->on) == names.end()) continue;
        if (fault->skip > 0) {
            --fault->skip;
            continue;
        }
        auto played = *fault;
        if (fault->times > 0 && --fault->times == 0) faults_.erase(fault);
        return played;
    }
    return std::nullopt;
}

std::string to_string(Fault::What what)
{
    switch (what) {
        case Fault::What::drop:
            return "drop";
        case Fault::What::delay:
            return "delay";
        case Fault::What::reset:
            return "reset";
        case Fault::What::hold:
            return "hold";
        case Fault::What::truncate:
            return "truncate";
        case Fault::What::huge:
            return "huge";
        case Fault::What::rate_limited:
            return "rate_limited";
        case Fault::What::html:
            return "html";
        case Fault::What::status:
            return "status";
        case Fault::What::refuse:
            return "refuse";
        case Fault::What::duplicate:
            return "duplicate";
        case Fault::What::malformed:
            return "malformed";
        case Fault::What::half_open:
            return "half_open";
    }
    return {};
}

}  // namespace simulator
