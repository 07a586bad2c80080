// SPDX-License-Identifier: Apache-2.0
// Opens and migrates a database, and holds its writer, its readers and its checkpoints together.
#include "store/database.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/checkpointer.hpp"
#include "store/sqlite_session.hpp"
#include "store/writer.hpp"

namespace jackfield::store {

using model::Problem;

namespace {

constexpr std::size_t most_readers = 16;

// One process per database: two writers with their own counters would number the same events twice. The kernel lets
// go of the lock however the process ends.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file) : path_(file.string() + ".lock") {
    descriptor_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor_ < 0)
      throw Problem(Problem::Kind::unavailable, "store.open",
                    path_ + " cannot be created; look at the folder's owner and rights");
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    ::close(descriptor_);
    throw Problem(Problem::Kind::conflict, "store.locked",
                  file.string() + " is in use by another Jackfield; stop that one first");
  }
  ~FileLock() { ::close(descriptor_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::string path_;
  int descriptor_ = -1;
};

// Readable by its owner alone from its first moment; SQLite gives its log the same rights.
void createPrivately(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw Problem(Problem::Kind::unavailable, "store.open",
                  file.string() + " cannot be opened; look at the folder's owner and rights");
  ::close(descriptor);
}

void migrate(Poco::Data::Session& session, const std::vector<Migration>& migrations, const std::string& name) {
  const auto at = integer(session, "PRAGMA user_version");
  const auto newest = migrations.empty() ? 0 : migrations.back().version;
  if (at > newest)
    throw Problem(Problem::Kind::unavailable, "store.newer",
                  name + " is of version " + std::to_string(at) + ", this program knows versions up to " +
                      std::to_string(newest) + "; start the newer program, or restore a backup of this one");
  for (const auto& migration : migrations) {
    if (migration.version <= at) continue;
    execute(session, "BEGIN IMMEDIATE");
    for (const auto& statement : migration.statements) execute(session, statement);
    execute(session, "PRAGMA user_version=" + std::to_string(migration.version));
    execute(session, "COMMIT");
  }
}

std::unique_ptr<Poco::Data::Session> openMigrated(const std::filesystem::path& file,
                                                  const std::vector<Migration>& migrations) {
  createPrivately(file);
  auto session = openSession(file, Access::readWrite);
  try {
    migrate(*session, migrations, file.string());
  } catch (const Poco::Data::DataException& failed) {
    throw storageProblem(failed, file);
  }
  return session;
}

// What became of a write. Shared, for the writer may still be inside set() when the waiting thread has gone; what was
// thrown belongs to the waiting thread alone from then on.
class Outcome {
 public:
  void set(std::exception_ptr failure) {
    const std::lock_guard guard(mutex_);
    failure_ = std::move(failure);
    known_ = true;
    set_.notify_one();
  }
  void wait() {
    std::unique_lock guard(mutex_);
    set_.wait(guard, [this] { return known_; });
    if (auto failure = std::exchange(failure_, nullptr)) std::rethrow_exception(std::move(failure));
  }

 private:
  std::mutex mutex_;
  std::condition_variable set_;
  std::exception_ptr failure_;
  bool known_ = false;
};

}  // namespace

struct Database::Impl {
  Impl(const std::filesystem::path& path, const std::vector<Migration>& migrations, std::chrono::milliseconds batch)
      : file(path),
        lock(path),
        writer_session(openMigrated(path, migrations)),
        checkpointer(path),
        writer(path, std::move(writer_session), batch, [this](std::uint64_t pages) { checkpointer.logHas(pages); }) {}

  std::unique_ptr<Poco::Data::Session> reader() {
    {
      std::unique_lock guard(mutex);
      returned.wait(guard, [this] { return !readers.empty() || reading < most_readers; });
      ++reading;
      if (!readers.empty()) {
        auto session = std::move(readers.back());
        readers.pop_back();
        return session;
      }
    }
    try {
      return openSession(file, Access::readOnly);
    } catch (...) {
      giveBack(nullptr);
      throw;
    }
  }

  void giveBack(std::unique_ptr<Poco::Data::Session> session) {
    {
      const std::lock_guard guard(mutex);
      --reading;
      if (session) readers.push_back(std::move(session));
    }
    returned.notify_one();
  }

  const std::filesystem::path file;
  const FileLock lock;
  std::unique_ptr<Poco::Data::Session> writer_session;
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<std::unique_ptr<Poco::Data::Session>> readers;
  std::size_t reading = 0;
  Checkpointer checkpointer;
  Writer writer;
};

Database::Database(const std::filesystem::path& file, const std::vector<Migration>& migrations,
                   std::chrono::milliseconds batch)
    : impl_(std::make_unique<Impl>(file, migrations, batch)) {}

Database::~Database() = default;

void Database::write(const Work& work) {
  if (impl_->writer.onWriterThread()) throw std::logic_error("Database::write on the writer's own thread");
  const auto outcome = std::make_shared<Outcome>();
  impl_->writer.add([&work](Poco::Data::Session& session) { work(session); },
                    [outcome](std::exception_ptr failure) { outcome->set(std::move(failure)); }, Durability::full);
  outcome->wait();
}

void Database::writeLater(Work work, Done done, Durability durability) {
  impl_->writer.add(std::move(work), std::move(done), durability);
}

void Database::read(const Work& work) const {
  auto session = impl_->reader();
  std::exception_ptr failure;
  try {
    execute(*session, "BEGIN");
    work(*session);
  } catch (...) {
    failure = translated(std::current_exception(), impl_->file);
  }
  const bool ended = sqlite3_exec(handleOf(*session), "ROLLBACK", {}, {}, {}) == SQLITE_OK;
  impl_->giveBack(ended ? std::move(session) : nullptr);
  if (failure) std::rethrow_exception(failure);
}

void Database::copyTo(const std::filesystem::path& copy) const {
  const std::filesystem::path fresh = copy.string() + ".new";
  try {
    std::filesystem::create_directories(copy.parent_path());
    std::filesystem::remove(fresh);
    createPrivately(fresh);
    const auto session = openSession(impl_->file, Access::readWrite);
    std::string name = fresh.string();
    *session << "VACUUM INTO $1", Poco::Data::Keywords::use(name), Poco::Data::Keywords::now;
    std::filesystem::rename(fresh, copy);
  } catch (const Poco::Data::DataException& failed) {
    throw storageProblem(failed, copy);
  } catch (const std::filesystem::filesystem_error& failed) {
    throw Problem(Problem::Kind::unavailable, "store.open", copy.string() + ": " + failed.code().message());
  }
}

const std::filesystem::path& Database::file() const {
  return impl_->file;
}
std::string Database::trouble() const {
  return impl_->writer.trouble();
}
Database::Figures Database::figures() const {
  return impl_->writer.figures();
}

}  // namespace jackfield::store
