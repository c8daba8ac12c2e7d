#!/usr/bin/env python3
"""Each rule of check_openapi.py is broken once, beside a small description that keeps them all."""

import copy
import unittest

import check_openapi

SOURCE = """
  router.add(net::Method::kGet, "/api/runs/:runId", {Access::kViewerOrRun, [&services](Call& call) { return read(call); }});
  router.add(net::Method::kPost, "/api/login",
             {Access::kPublic, [](Call& call) -> Task<Result<net::Response>> {
               co_return base::fail(base::ErrorKind::kUnauthorized, "bad_code", "No.");
             }});
  if (!run) return base::not_found("run_not_found", "No.");
"""


def answers(*statuses):
    return {status: {"description": "So it is."} for status in statuses}


def description():
    return {
        "paths": {
            "/api/runs/{runId}": {
                "get": {
                    "operationId": "getRun",
                    "summary": "Read a run",
                    "x-access": "viewer-or-run",
                    "security": [{"accessToken": []}, {"browserCookie": []}, {"runToken": []}],
                    "parameters": [{"$ref": "#/components/parameters/runId"}],
                    "responses": answers("200", "401", "403", "default") | {"404": {"description": "`run_not_found`: none."}},
                }
            },
            "/api/login": {
                "post": {
                    "operationId": "logIn",
                    "summary": "Sign in",
                    "x-access": "public",
                    "security": [],
                    "requestBody": {},
                    "responses": answers("200", "400", "413", "415", "default") | {"401": {"description": "`bad_code`: old."}},
                }
            },
        },
        "components": {"parameters": {"runId": {"name": "runId", "in": "path"}}},
    }


class OpenapiTest(unittest.TestCase):
    def setUp(self):
        self.document = description()
        self.run = self.document["paths"]["/api/runs/{runId}"]["get"]
        self.login = self.document["paths"]["/api/login"]["post"]

    def failures(self, source=SOURCE):
        return check_openapi.check(copy.deepcopy(self.document), {"api/runs.cc": source})

    def assert_found(self, *expected, source=SOURCE):
        self.assertEqual(self.failures(source), list(expected))

    def test_a_description_that_says_what_is_there_is_clean(self):
        self.assert_found()

    def test_a_route_that_is_not_described_is_found(self):
        more = 'router.add(\n    net::Method::kDelete, "/api/runs/:runId",\n    {Access::kViewerOrRun, end});'
        self.assert_found("DELETE /api/runs/{runId}: is served but not described", source=SOURCE + more)

    def test_an_operation_that_is_not_served_is_found(self):
        self.document["paths"]["/api/gone"] = {"get": self.run | {"operationId": "getGone", "parameters": []}}
        self.assert_found("GET /api/gone: is described but not served")

    def test_another_access_is_found(self):
        self.assert_found(
            "GET /api/runs/{runId}: is for Administrator, but takes ['accessToken', 'browserCookie', 'runToken']",
            "GET /api/runs/{runId}: its x-access is viewer-or-run, not administrator",
            source=SOURCE.replace("kViewerOrRun,", "kAdministrator,"),
        )

    def test_a_route_that_cannot_be_read_is_found(self):
        self.assert_found("api/runs.cc: 1 router.add(...) that this check cannot read", source=SOURCE + "router.add(method, pattern, end);")

    def test_a_missing_answer_is_found(self):
        del self.run["responses"]["401"]
        del self.login["responses"]["413"]
        self.assert_found("GET /api/runs/{runId}: does not describe 401", "POST /api/login: does not describe 413")

    def test_an_operation_without_a_name_is_found(self):
        del self.run["operationId"]
        self.assert_found("GET /api/runs/{runId}: has no operationId")

    def test_a_name_that_is_used_twice_is_found(self):
        self.login["operationId"] = "getRun"
        self.assert_found("operationId getRun is used twice")

    def test_a_path_parameter_that_is_not_described_is_found(self):
        self.run["parameters"] = []
        self.assert_found("GET /api/runs/{runId}: its path parameters are described as []")

    def test_a_reference_that_leads_nowhere_is_found(self):
        self.run["responses"]["200"]["content"] = {"$ref": "#/components/schemas/Run"}
        self.assert_found("#/components/schemas/Run leads nowhere")

    def test_codes_are_compared_both_ways(self):
        self.run["responses"]["404"]["description"] = "`run_is_gone`: none."
        self.assert_found(
            "the code run_is_gone is described but nothing makes it",
            "the code run_not_found is answered by src/api but not described",
        )


if __name__ == "__main__":
    unittest.main()
