#include "bot/cli/manifest.hpp"

#include "bot/cli/texts.hpp"

#include <boost/json/parse.hpp>

namespace slipway {

std::vector<std::string> bot_scopes()
{
    const auto manifest = boost::json::parse(app_manifest());
    std::vector<std::string> scopes;
    for (const auto& scope : manifest.at("oauth_config").at("scopes").at("bot").as_array()) {
        scopes.emplace_back(scope.as_string());
    }
    return scopes;
}

const std::string& app_manifest() { return cli_texts().at("manifest.json"); }

}  // namespace slipway
