#include "bot/net/http.hpp"
#include "commands/text/types.hpp"  // BAD

#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>  // BAD
