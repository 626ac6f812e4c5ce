// Gloo's types as far as libtorch's ProcessGroupGloo.hpp names them. libtorch carries Gloo compiled in but not always its headers (Debian keeps
// them in libgloo-dev, PyTorch's archives leave them out). We only hand pointers to these types on; we never make, hold by value or delete one.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gloo {

class Context;

namespace transport {
class Device;

class UnboundBuffer {
public:
    virtual ~UnboundBuffer() = 0;
};
}  // namespace transport

namespace rendezvous {
class Store {
public:
    static constexpr std::chrono::milliseconds kDefaultTimeout = std::chrono::seconds(30);

    virtual ~Store();
    virtual void set(const std::string& key, const std::vector<char>& data) = 0;
    virtual std::vector<char> get(const std::string& key) = 0;
    virtual void wait(const std::vector<std::string>& keys) = 0;
    virtual void wait(const std::vector<std::string>& keys, const std::chrono::milliseconds& timeout) = 0;
};
}  // namespace rendezvous

}  // namespace gloo
