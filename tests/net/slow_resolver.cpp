// A name lookup under the tests' control: it takes the place of the C library's for this program.
#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <cstring>
#include <thread>

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found)
{
    using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto original = reinterpret_cast<Lookup>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (node != nullptr && std::strcmp(node, "slow.test") == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1500));
        return EAI_NONAME;
    }
    if (node != nullptr && std::strcmp(node, "missing.test") == 0) {
        return EAI_NONAME;
    }
    // A bare system may have no /etc/hosts.
    if (node != nullptr && (std::strcmp(node, "api.test") == 0 || std::strcmp(node, "localhost") == 0)) {
        return original("127.0.0.1", service, hints, found);
    }
    return original(node, service, hints, found);
}
