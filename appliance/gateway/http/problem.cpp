// SPDX-License-Identifier: Apache-2.0
// From exceptions to problem documents.
#include "gateway/http/problem.hpp"

#include <exception>

#include <Poco/Net/HTTPResponse.h>

#include <jackfield/error.hpp>
#include <jackfield/json.hpp>

#include "kernel/base/log.hpp"
#include "kernel/base/message_catalogue.hpp"
#include "services/sign_in.hpp"

namespace jackfield::gateway {
namespace {

using Kind = model::Problem::Kind;

int statusOf(const model::Problem& problem) {
  switch (problem.kind()) {
    case Kind::invalid:
      return problem.code() == "json.malformed" ? 400 : 422;
    case Kind::unauthenticated:
      return 401;
    case Kind::forbidden:
      return 403;
    case Kind::notFound:
      return 404;
    case Kind::conflict:
      return 409;
    case Kind::gone:
      return 410;
    case Kind::tooMany:
      return 429;
    case Kind::unavailable:
      return 503;
    case Kind::timeout:
      return 504;
    case Kind::internal:
      return 500;
  }
  return 500;
}

int statusOf(const Error& error) {
  switch (error.status()) {
    case Status::invalid:
      return error.code() == "json.malformed" ? 400 : 422;
    case Status::notFound:
      return 404;
    case Status::state:
      return 409;
    case Status::unreachable:
    case Status::full:
      return 503;
    case Status::timeout:
      return 504;
    default:
      return 500;
  }
}

constexpr int retrySeconds = 5;

Response withRetry(Response response, std::int64_t seconds) {
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

Response internal(const std::string& operation, const std::string& what) {
  kernel::Log("gateway").error("http.internal", {{"operation", operation}, {"reason", what}});
  return problem(500, "http.internal.answer");
}

}  // namespace

Response Response::json(const boost::json::value& document, int status) {
  return text(boost::json::serialize(document), "application/json", status);
}

Response Response::text(std::string body, std::string content_type, int status) {
  Response response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response problem(int status, const std::string& code, const std::string& detail,
                 const std::vector<model::FieldError>& errors) {
  std::string text = detail;
  if (text.empty()) {
    const auto message = kernel::MessageCatalogue::instance().find(code);
    text = message ? message->text + (message->action.empty() ? "" : " " + message->action) : code;
  }
  boost::json::object document{
      {"type", "urn:jackfield:problem:" + code},
      {"title", Poco::Net::HTTPResponse::getReasonForStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status))},
      {"status", status},
      {"detail", text},
      {"code", code}};
  if (!errors.empty()) document["errors"] = toJson(errors);
  auto response = Response::text(boost::json::serialize(document), "application/problem+json", status);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"jackfield\"");
  return response;
}

Response currentProblem(const std::string& operation) {
  try {
    throw;
  } catch (const MediaTypeProblem&) {
    return problem(415, "http.mediaType");
  } catch (const services::Locked& locked) {
    return withRetry(problem(429, locked.code(), locked.what()), locked.retryAfterSeconds());
  } catch (const model::Problem& e) {
    if (e.kind() == Kind::internal) return internal(operation, e.code() + ": " + e.what());
    auto response = problem(statusOf(e), e.code(), e.what(), e.fields());
    return e.kind() == Kind::tooMany ? withRetry(std::move(response), retrySeconds) : response;
  } catch (const Error& e) {
    const int status = statusOf(e);
    if (status == 500) return internal(operation, e.code() + ": " + e.what());
    std::vector<model::FieldError> errors;
    if (!e.field().empty()) errors.push_back({e.field(), e.value(), e.what()});
    return problem(status, e.code(), e.what(), errors);
  } catch (const std::exception& e) {
    return internal(operation, e.what());
  } catch (...) {
    return internal(operation, "an unknown exception");
  }
}

}  // namespace jackfield::gateway
