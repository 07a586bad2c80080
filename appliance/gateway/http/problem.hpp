// SPDX-License-Identifier: Apache-2.0
// Errors as problem documents (RFC 9457).
#ifndef JACKFIELD_GATEWAY_HTTP_PROBLEM_HPP
#define JACKFIELD_GATEWAY_HTTP_PROBLEM_HPP

#include <string>
#include <vector>

#include "gateway/http/message.hpp"
#include "model/problem.hpp"

namespace jackfield::gateway {

// The request's body is of another type than application/json: 415.
struct MediaTypeProblem {};

// The document for `code`; its detail is `detail`, or when that is empty the catalogue's text and what to do.
Response problem(int status, const std::string& code, const std::string& detail = {},
                 const std::vector<model::FieldError>& errors = {});

// Within a catch block: the answer to whatever was thrown. What is not a Problem, an Error or a capacity limit is
// logged and answered with 500 and no inner detail.
Response currentProblem(const std::string& operation);

}  // namespace jackfield::gateway

#endif
