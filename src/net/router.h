// From a method and a path to the function that answers. Patterns are made of literal segments and `:name` parameters, which
// match one non-empty segment (percent-decoded, never containing '/' or NUL). Built once in app/, then read only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"

namespace omakase::net {

// What a pattern's parameters matched.
class Parameters {
 public:
  void set(std::string_view name, std::string value) { values_.emplace_back(name, std::move(value)); }
  // "" when the pattern has no such parameter.
  const std::string& operator[](std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string>> values_;
};

template <typename Action>
class Router {
 public:
  struct Route {
    Method method;
    std::string pattern;
    Action action;
  };

  void add(Method method, std::string pattern, Action action) {
    routes_.push_back({method, std::move(pattern), std::move(action)});
  }

  struct Match {
    const Action* action = nullptr;
    Parameters parameters;
    std::vector<Method> allowed;  // of the path, when no action is there for the method
  };
  Match find(Method method, std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

// Whether `path` has the pattern's form; fills `parameters`.
bool matches(std::string_view pattern, std::string_view path, Parameters& parameters);

template <typename Action>
typename Router<Action>::Match Router<Action>::find(Method method, std::string_view path) const {
  Match match;
  for (const Route& route : routes_) {
    Parameters parameters;
    if (!matches(route.pattern, path, parameters)) continue;
    if (route.method == method || (method == Method::kHead && route.method == Method::kGet)) {
      match.action = &route.action;
      match.parameters = std::move(parameters);
      return match;
    }
    match.allowed.push_back(route.method);
  }
  return match;
}

}  // namespace omakase::net
