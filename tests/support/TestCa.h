#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tsunagi::test {

// A private certificate authority (P-256) that lives in a folder: makes certificates for TLS tests, good ones and every
// wrong kind. Throws std::runtime_error when OpenSSL or the disk refuses.
class TestCa {
 public:
  struct Subject {
    std::vector<std::string> names{};  // DNS names
    std::vector<std::string> ips{};    // IPv4 or IPv6 literals
    int64_t fromSeconds = -3600;       // validity, from now
    int64_t untilSeconds = 24 * 3600;
    bool selfSigned = false;      // by its own key instead of this CA
    bool byIntermediate = false;  // by an intermediate CA, whose certificate is sent along
    bool withoutChain = false;    // byIntermediate, but its certificate is left out
  };
  struct Leaf {
    std::string certificateFile;  // PEM, leaf first, then the intermediate if one signed
    std::string keyFile;          // PEM, 0600
  };

  explicit TestCa(std::string folder);  // made if missing; the files stay for the folder's owner to remove
  ~TestCa();
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;

  const std::string& caFile() const { return _caFile; }
  Leaf issue(const Subject& subject) const;  // new files at each call

 private:
  struct Authority;
  std::string _folder;
  std::string _caFile;
  std::unique_ptr<Authority> _root;
  std::unique_ptr<Authority> _intermediate;
  mutable int _issued = 0;
};

}  // namespace tsunagi::test
