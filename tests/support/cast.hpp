#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

/// The people of every test, of the simulator and of the demo: plain words, so that all may use them.
namespace cast {

enum class Kind {
    member,
    guest,
    deactivated,
    external,  ///< of another workspace
    robot,
};

struct Person {
    std::string_view name;  ///< the handle
    std::string_view user_id;
    std::string_view real_name;
    std::string_view title;
    Kind kind = Kind::member;

    [[nodiscard]] std::string id() const { return std::string(user_id); }
};

/// Alice plans; Bob is on call; Jane asked for the change; José and Zoe are of the workspace and of no role.
inline constexpr std::array everybody{
    Person{"alice", "U0ALICE", "Alice Archer", "Developer"},
    Person{"bob", "U0BOB", "Bob Baker", "Developer"},
    Person{"carl", "U0CARL", "Carl Cook", "Developer"},
    Person{"dana", "U0DANA", "Dana Diaz", "Dev Lead"},
    Person{"petra", "U0PETRA", "Petra Pohl", "Product Lead"},
    Person{"raj", "U0RAJ", "Raj Rao", "R&D Lead"},
    Person{"anne", "U0ANNE", "Anne Adams", "Account Manager"},
    Person{"jane", "U0JANE", "Jane Doe", "Sales"},
    Person{"jose", "U0JOSE", "José Núñez", "Support"},
    Person{"zoe", "U0ZOE", "Zoe Zorn", "Support"},
    Person{"gus", "U0GUEST", "Gus Guest", "Guest", Kind::guest},
    Person{"gone", "U0GONE", "Gone Girl", "", Kind::deactivated},
    Person{"olga", "U0OTHER", "Olga Other", "Of another workspace", Kind::external},
    Person{"robot", "U0ROBOT", "Some Robot", "", Kind::robot},
};

/// Throws std::out_of_range for anybody else.
[[nodiscard]] inline const Person& called(std::string_view name)
{
    for (const auto& each : everybody) {
        if (each.name == name) {
            return each;
        }
    }
    throw std::out_of_range("nobody is called " + std::string(name));
}

}  // namespace cast
