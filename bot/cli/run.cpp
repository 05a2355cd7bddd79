#include "bot/cli/run.hpp"

#include "bot/app.hpp"
#include "bot/net/transport.hpp"
#include "bot/runtime/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdlib>
#include <exception>

namespace slipway {

namespace asio = boost::asio;

int run_bot(const Config& config)
{
    storage::Store store(config.store_path);
    asio::io_context context{1};
    StorageThread storage(store);
    SystemClock clock;
    SystemRandom random;
    const net::TransportOptions options{config.ca_file, config.proxy, config.no_proxy};
    const auto http = net::make_http_client(context.get_executor(), options);
    const auto sockets = net::make_websocket_connector(context.get_executor(), options);
    App app(config, {context.get_executor(), clock, random, *http, *sockets, storage});
    asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) {
            log::info("stopping");
            app.stop();
            signals.async_wait([&](boost::system::error_code again, int) {
                if (!again) {
                    // Whatever still runs uses what the destructors take away; the database is used to it,
                    // and what actions run ends with us.
                    log::warn("stopping at once");
                    std::_Exit(EXIT_FAILURE);
                }
            });
        }
    });
    std::exception_ptr failure;
    asio::co_spawn(context, app.run(), [&](std::exception_ptr ended) {
        failure = ended;
        signals.cancel();
        context.stop();
    });
    context.run();
    if (failure) {
        std::rethrow_exception(failure);
    }
    return 0;
}

}  // namespace slipway
