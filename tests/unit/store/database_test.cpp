// SPDX-License-Identifier: Apache-2.0
// Group commit, isolation of writes, readers beside the writer, migrations, and what a full disk does.
#include "store/database.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <Poco/Data/Statement.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/sqlite_session.hpp"
#include "support.hpp"

namespace jackfield::store {
namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;
using tests::problemOf;
using tests::TemporaryFolder;

const std::vector<Migration> one_table = {
    {1, {"CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"}}};

void insert(Session& session, std::string text) {
  session << "INSERT INTO things (text) VALUES ($1)", use(text), now;
}

std::int64_t count(const Database& database) {
  std::int64_t rows = 0;
  database.read([&](Session& session) { rows = integer(session, "SELECT count(*) FROM things"); });
  return rows;
}

TEST(Database, WhatWriteReturnedFromIsThereForReadersAndAfterReopening) {
  TemporaryFolder folder{"store"};
  {
    Database database(folder / "a.db", one_table);
    database.write([](Session& session) { insert(session, "one"); });
    EXPECT_EQ(count(database), 1);
  }
  Database again(folder / "a.db", one_table);
  EXPECT_EQ(count(again), 1);
}

TEST(Database, AThrowingWriteIsUndoneAloneAndItsNeighboursStay) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  std::vector<int> refused;
  for (int i = 0; i < 30; ++i)
    database.writeLater(
        [i](Session& session) {
          insert(session, "piece " + std::to_string(i));
          if (i % 3 == 0) throw std::runtime_error("refused");
        },
        [&refused, i](const std::exception_ptr& failure) {
          if (failure) refused.push_back(i);
        });
  EXPECT_THROW(database.write([](Session& session) {
    insert(session, "last");
    throw std::logic_error("refused");
  }),
               std::logic_error);
  EXPECT_EQ(refused, (std::vector<int>{0, 3, 6, 9, 12, 15, 18, 21, 24, 27}));
  EXPECT_EQ(count(database), 20);
}

TEST(Database, AConstraintViolationIsAProblemAndHarmsNobodyElse) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  database.write([](Session& session) { insert(session, "same"); });
  EXPECT_EQ(problemOf([&] { database.write([](Session& session) { insert(session, "same"); }); }), "store.failed");
  database.write([](Session& session) { insert(session, "other"); });
  EXPECT_EQ(count(database), 2);
}

TEST(Database, WritesTakeEffectInTheOrderOfTheCallsAndShareCommits) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  constexpr int total = 5000;
  for (int i = 0; i < total; ++i)
    database.writeLater([i](Session& session) { insert(session, std::to_string(i)); }, {});
  database.write([](Session& session) { insert(session, "last"); });
  std::vector<std::string> texts;
  database.read([&](Session& session) { session << "SELECT text FROM things ORDER BY id", into(texts), now; });
  ASSERT_EQ(texts.size(), std::size_t{total + 1});
  for (int i = 0; i < total; ++i) ASSERT_EQ(texts[static_cast<std::size_t>(i)], std::to_string(i));
  EXPECT_EQ(texts.back(), "last");
  EXPECT_LT(database.figures().commits, std::uint64_t{total / 4});
}

TEST(Database, ALoneWriteDoesNotWaitForCompany) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table, std::chrono::minutes(1));
  const auto began = std::chrono::steady_clock::now();
  database.write([](Session& session) { insert(session, "first"); });
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
  EXPECT_EQ(database.figures().commits, 1U);
}

TEST(Database, ReadersSeeAStableSnapshotWhileTheWriterGoesOn) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  database.write([](Session& session) { insert(session, "before"); });
  database.read([&](Session& session) {
    EXPECT_EQ(integer(session, "SELECT count(*) FROM things"), 1);
    database.write([](Session& writer) { insert(writer, "meanwhile"); });
    EXPECT_EQ(integer(session, "SELECT count(*) FROM things"), 1);
  });
  EXPECT_EQ(count(database), 2);
}

TEST(Database, ManyReadersAndWritersNeverSeeHalfAWrite) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  std::atomic<bool> stop{false};
  std::atomic<int> odd{0};
  std::vector<std::thread> readers;
  for (int r = 0; r < 20; ++r)
    readers.emplace_back([&] {
      while (!stop)
        if (count(database) % 2 != 0) ++odd;
    });
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w)
    writers.emplace_back([&, w] {
      for (int i = 0; i < 50; ++i)
        database.write([&](Session& session) {
          insert(session, std::to_string(w) + "-" + std::to_string(i) + " a");
          insert(session, std::to_string(w) + "-" + std::to_string(i) + " b");
        });
    });
  for (auto& writer : writers) writer.join();
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(odd, 0);
  EXPECT_EQ(count(database), 400);
}

// A writer thread that is held up between two instructions must not end a group that it never began.
TEST(Database, ABusyMachineFailsNoWrite) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table, std::chrono::milliseconds(0));
  std::atomic<bool> stop{false};
  std::vector<std::thread> busy;
  for (int t = 0; t < 24; ++t)
    busy.emplace_back([&stop] {
      while (!stop) {
      }
    });
  int written = 0;
  std::string code;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (code.empty() && std::chrono::steady_clock::now() < end)
    code = problemOf([&] {
      database.write([&](Session& session) { insert(session, std::to_string(written)); });
      ++written;
    });
  stop = true;
  for (auto& thread : busy) thread.join();
  EXPECT_EQ(code, "");
  EXPECT_EQ(count(database), written);
}

TEST(Database, AReaderCannotWrite) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  EXPECT_NE(problemOf([&] { database.read([](Session& session) { insert(session, "no"); }); }), "");
  EXPECT_EQ(count(database), 0);
}

TEST(Database, HostileTextIsKeptAsItIs) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  const std::vector<std::string> hostile = {"'; DROP TABLE things; --", "\"quoted\"", "\xff\xfe broken",
                                            "\xe2\x80\xae right to left", std::string(1'000'000, 'x')};
  for (const auto& text : hostile) database.write([&](Session& session) { insert(session, text); });
  std::vector<std::string> texts;
  database.read([&](Session& session) { session << "SELECT text FROM things ORDER BY id", into(texts), now; });
  EXPECT_EQ(texts, hostile);
}

TEST(Database, MigrationsRunOnceEachAndInOrder) {
  TemporaryFolder folder{"store"};
  auto migrations = one_table;
  { Database first(folder / "a.db", migrations); }
  migrations.push_back({2, {"ALTER TABLE things ADD COLUMN colour TEXT", "INSERT INTO things (text) VALUES ('new')"}});
  for (int opened = 0; opened < 2; ++opened) {
    Database database(folder / "a.db", migrations);
    EXPECT_EQ(count(database), 1);
  }
}

TEST(Database, ANewerDatabaseIsRefusedWithBothNumbers) {
  TemporaryFolder folder{"store"};
  { Database newer(folder / "a.db", {{7, {"CREATE TABLE things (id INTEGER)"}}}); }
  try {
    Database older(folder / "a.db", one_table);
    FAIL() << "opened a newer database";
  } catch (const model::Problem& problem) {
    EXPECT_EQ(problem.code(), "store.newer");
    EXPECT_NE(std::string(problem.what()).find("version 7"), std::string::npos) << problem.what();
    EXPECT_NE(std::string(problem.what()).find("up to 1"), std::string::npos) << problem.what();
  }
}

TEST(Database, AMigrationThatFailsLeavesTheDatabaseAsItWas) {
  TemporaryFolder folder{"store"};
  { Database first(folder / "a.db", one_table); }
  auto bad = one_table;
  bad.push_back({2, {"CREATE TABLE extra (id INTEGER)", "THIS IS NO SQL"}});
  EXPECT_NE(problemOf([&] { Database database(folder / "a.db", bad); }), "");
  Database again(folder / "a.db", one_table);
  again.read([](Session& session) {
    EXPECT_EQ(integer(session, "SELECT count(*) FROM sqlite_master WHERE name = 'extra'"), 0);
  });
}

TEST(Database, ADamagedFileIsRefusedWithASentence) {
  TemporaryFolder folder{"store"};
  std::ofstream(folder / "a.db") << std::string(10'000, 'z');
  try {
    Database database(folder / "a.db", one_table);
    FAIL() << "opened garbage";
  } catch (const model::Problem& problem) {
    EXPECT_EQ(problem.code(), "store.damaged");
    EXPECT_NE(std::string(problem.what()).find("backup"), std::string::npos) << problem.what();
  }
}

TEST(Database, AMissingFolderIsRefusedWithASentence) {
  TemporaryFolder folder{"store"};
  EXPECT_EQ(problemOf([&] { Database database(folder / "none/a.db", one_table); }), "store.open");
}

TEST(Database, ASecondProcessOnTheSameFileIsRefused) {
  TemporaryFolder folder{"store"};
  Database first(folder / "a.db", one_table);
  EXPECT_EQ(problemOf([&] { Database second(folder / "a.db", one_table); }), "store.locked");
}

TEST(Database, NobodyElseMayReadItsFiles) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  database.write([](Session& session) { insert(session, "private"); });
  for (const auto* name : {"a.db", "a.db-wal"}) {
    struct stat about {};
    ASSERT_EQ(::stat((folder / name).c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 077U, 0U) << name;
  }
}

// A limit of pages stands for a full disk: SQLite reports both as SQLITE_FULL.
class FullDatabase : public ::testing::Test {
 protected:
  void limitPages(int pages) {
    database.write([pages](Session& session) { integer(session, "PRAGMA max_page_count=" + std::to_string(pages)); });
  }
  TemporaryFolder folder{"store"};
  Database database{folder / "a.db", one_table};
};

TEST_F(FullDatabase, AFullDiskFailsTheWriteWithAReasonAndTheWriterRecoversWithSpace) {
  limitPages(20);
  std::string code;
  int stored = 0;
  for (; stored < 1000 && code.empty(); ++stored)
    code = problemOf([&] {
      database.write([&](Session& session) { insert(session, std::to_string(stored) + std::string(2000, 'x')); });
    });
  EXPECT_EQ(code, "store.full");
  EXPECT_NE(database.trouble(), "");
  EXPECT_EQ(count(database), stored - 1) << "what was refused must not be there";
  limitPages(2000);
  database.write([&](Session& session) { insert(session, "after"); });
  EXPECT_EQ(count(database), stored);
  EXPECT_EQ(database.trouble(), "");
}

// A limit on the size of files, which another thread can lift, as an administrator makes space.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    set(bytes);
  }
  ~FileLimit() { lift(); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  void lift() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  void set(rlim_t bytes) {
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  rlimit before_{};
};

TEST(Database, WhatMustBeKeptWaitsForSpaceInOrderAndTheRestFailsAtOnce) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  std::mutex mutex;
  std::vector<int> order;
  constexpr int total = 200;
  FileLimit limit(200'000);
  for (int i = 0; i < total; ++i)
    database.writeLater([i](Session& session) { insert(session, std::to_string(i) + std::string(3000, 'x')); },
                        [&, i](std::exception_ptr failure) {
                          const std::lock_guard lock(mutex);
                          order.push_back(failure ? -1 : i);
                        },
                        Durability::kept);
  ASSERT_TRUE(tests::waitFor([&] { return !database.trouble().empty(); }));
  EXPECT_EQ(problemOf([&] {
              database.write([](Session& session) { insert(session, "in a hurry" + std::string(9000, 'x')); });
            }),
            "store.io");
  limit.lift();
  ASSERT_TRUE(tests::waitFor([&] {
    const std::lock_guard lock(mutex);
    return order.size() == total;
  }));
  for (int i = 0; i < total; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(count(database), total);
  EXPECT_EQ(database.trouble(), "");
}

TEST(Database, TheLogIsCheckpointedBesideTheWriter) {
  TemporaryFolder folder{"store"};
  Database database(folder / "a.db", one_table);
  constexpr int rows = 6000;  // twice what makes the checkpointer begin
  for (int i = 0; i < rows; ++i)
    database.writeLater([i](Session& session) { insert(session, std::to_string(i) + std::string(8000, 'x')); }, {},
                        Durability::ordered);
  database.write([](Session& session) { insert(session, "end"); });
  // Once the log is in the database file, the next write starts it anew.
  EXPECT_TRUE(tests::waitFor([&] {
    database.write([](Session& session) { execute(session, "UPDATE things SET text = text || '.' WHERE id = 1"); });
    return database.figures().wal_pages < 1000;
  }));
  EXPECT_EQ(count(database), rows + 1);
}

}  // namespace
}  // namespace jackfield::store
