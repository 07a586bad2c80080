// SPDX-License-Identifier: Apache-2.0
// Where a request ends, and what is refused before it is read.
#include "gateway/net/request_reader.hpp"

#include <gtest/gtest.h>

namespace jackfield::gateway {
namespace {

using State = RequestReader::State;

const RequestLimits small{.url = 100, .head = 400, .body = 50};

State feedInPieces(RequestReader& reader, const std::string& octets, std::size_t piece) {
  State state = State::more;
  for (std::size_t at = 0; at < octets.size() && state == State::more; at += piece)
    state = reader.feed(std::string_view(octets).substr(at, piece));
  return state;
}

TEST(RequestReader, IsWholeWithTheLastOctetOfTheBodyWhateverThePieces) {
  const std::string request = "POST /x HTTP/1.1\r\nHost: a\r\ncontent-length:  5 \r\n\r\nhello";
  for (std::size_t piece = 1; piece <= request.size(); ++piece) {
    RequestReader reader(small);
    EXPECT_EQ(feedInPieces(reader, request.substr(0, request.size() - 1), piece), State::more);
    EXPECT_EQ(reader.feed("o"), State::whole);
    EXPECT_EQ(reader.body(), "hello");
    EXPECT_EQ(reader.head(), request.substr(0, request.size() - 5));
  }
}

TEST(RequestReader, TakesTheLongestHeadWhateverThePieces) {
  const std::string first = "GET /" + std::string(small.url + 18, 'a') + " HTTP/1.1\r\nX: ";
  const std::string longest = first + std::string(small.head - first.size(), 'b') + "\r\n\r\n";
  for (std::size_t piece = 1; piece <= longest.size(); ++piece) {
    RequestReader reader(small);
    EXPECT_EQ(feedInPieces(reader, longest, piece), State::whole) << piece;
  }
}

TEST(RequestReader, FindsTheNextRequestBehindTheFirst) {
  RequestReader reader(small);
  EXPECT_EQ(reader.feed("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3"), State::whole);
  EXPECT_EQ(reader.nextRequest(), State::whole);
  EXPECT_EQ(reader.head(), "GET /2 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(reader.nextRequest(), State::more);
  EXPECT_TRUE(reader.begun());
}

struct Refused {
  std::string octets;
  int status;
};

TEST(RequestReader, RefusesWhatIsTooLongOrCanBeReadTwoWays) {
  const std::string line = "POST / HTTP/1.1\r\n";
  const Refused cases[] = {
      {"GET /" + std::string(200, 'a'), 414},
      {line + "X: " + std::string(500, 'a'), 431},
      {line + "Content-Length: 51\r\n\r\n", 413},
      {line + "Content-Length: 99999999999999999999999\r\n\r\n", 400},
      {line + "Content-Length: -1\r\n\r\n", 400},
      {line + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {line + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {line + "Transfer-Encoding: chunked\r\n\r\n", 411},
      {line + "Content-Length : 1\r\n\r\n", 400},
      {line + "Host: a\r\n folded\r\n\r\n", 400},
      {line + "nonsense\r\n\r\n", 400},
  };
  for (const auto& one : cases)
    for (const std::size_t piece : {std::size_t{7}, one.octets.size()}) {
      RequestReader reader(small);
      EXPECT_EQ(feedInPieces(reader, one.octets, piece), State::refused) << one.octets;
      EXPECT_EQ(reader.refusal().status, one.status) << one.octets;
    }
}

TEST(RequestReader, TellsOnceThatTheClientWaitsForContinue) {
  RequestReader reader(small);
  EXPECT_EQ(reader.feed("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"), State::more);
  EXPECT_TRUE(reader.takeExpectation());
  EXPECT_FALSE(reader.takeExpectation());
  EXPECT_EQ(reader.feed("abc"), State::whole);
}

}  // namespace
}  // namespace jackfield::gateway
