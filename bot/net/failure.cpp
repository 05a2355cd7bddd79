#include "bot/net/failure.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace slipway::net {

bool is_cancellation(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    }
    catch (const boost::system::system_error& error) {
        return error.code() == boost::asio::error::operation_aborted;
    }
    catch (...) {
        return false;
    }
}

std::string message_of(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    }
    catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace slipway::net
