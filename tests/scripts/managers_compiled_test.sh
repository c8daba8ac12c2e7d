#!/usr/bin/env bash
# The real cargo, go and bundler.
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"
source "$(dirname -- "$0")/managers.bash"

# With the crate `soup`, as `cargo vendor` leaves it.
test_cargo() {
  mkdir -p "$source/src" "$source/vendor/soup/src" "$source/.cargo"
  printf '[package]\nname = "meal"\nversion = "1.0.0"\nedition = "2021"\n[dependencies]\nsoup = "1.0.0"\n' >"$source/Cargo.toml"
  echo 'fn main() { println!("{}", soup::KIND); }' >"$source/src/main.rs"
  printf '[package]\nname = "soup"\nversion = "1.0.0"\n' >"$source/vendor/soup/Cargo.toml"
  echo 'pub const KIND: &str = "miso";' >"$source/vendor/soup/src/lib.rs"
  printf '{"files":{},"package":"%064d"}' 0 >"$source/vendor/soup/.cargo-checksum.json"
  printf '[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = "vendor"\n' >"$source/.cargo/config.toml"
  echo /target >>"$source/.gitignore"
  (cd "$source" && cargo generate-lockfile)
  commit "$source" 'Lock with cargo'
  installs_once cargo 'cargo run --quiet --offline'
  sed -i 's/^version.*/version = "2.0.0"/' "$source/Cargo.toml"
  commit "$source" 'Forget the lockfile'
  cannot_install cargo 101 'needs to be updated but --locked was passed'
}

# With the module example.com/soup, served from a folder of the repository.
add_go_module() {
  local served=$source/served/example.com/soup/@v module=example.com/soup@v1.0.0
  mkdir -p "$served" "$root/$module"
  printf 'module example.com/soup\n\ngo 1.19\n' | tee "$served/v1.0.0.mod" >"$root/$module/go.mod"
  printf 'package soup\n\nconst Kind = "miso"\n' >"$root/$module/soup.go"
  echo '{"Version":"v1.0.0"}' >"$served/v1.0.0.info"
  (cd "$root" && python3 - "$served/v1.0.0.zip" "$module"/{go.mod,soup.go}) <<'END'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for name in sys.argv[2:]:
        archive.write(name)
END
  printf 'module meal\n\ngo 1.19\n\nrequire example.com/soup v1.0.0\n' >"$source/go.mod"
  printf 'package main\n\nimport (\n\t"example.com/soup"\n\t"fmt"\n)\n\nfunc main() { fmt.Println(soup.Kind) }\n' >"$source/main.go"
  (cd "$source" && GOPROXY=file://$source/served GONOSUMDB='*' go mod tidy)
  commit "$source" 'Lock with go'
  settings=(GOPROXY="file://$workspace/served")
}

test_go() {
  add_go_module
  installs_once go 'GOPROXY=off go run .'
  git -C "$source" rm -rq served
  commit "$source" 'Serve nothing'
  chmod -R u+w "$state/home/go" && rm -r "$state/home/go"
  cannot_install go 1 'v1.0.0.mod: no such file or directory'
}

test_go_does_not_complete_the_go_sum_of_a_project() {
  add_go_module
  : >"$source/go.sum"
  commit "$source" 'Forget the sums'
  mkdir -p "$state/home/.config/go"
  echo 'GONOSUMDB=example.com' >"$state/home/.config/go/env"
  cannot_install go 1 'go.sum lacks what go.mod asks for: go mod tidy adds it.'
}

# With the gem `soup`, as `bundle cache` leaves it.
test_bundler() {
  mkdir -p "$source/vendor/cache" "$root/soup/lib"
  echo 'KIND = "miso"' >"$root/soup/lib/soup.rb"
  echo 'Gem::Specification.new { |gem| gem.name = "soup"; gem.version = "1.0.0"; gem.summary = "Soup"; gem.authors = ["Ada"]; gem.files = ["lib/soup.rb"] }' >"$root/soup/soup.gemspec"
  (cd "$root/soup" && gem build --silent --output "$source/vendor/cache/soup-1.0.0.gem" soup.gemspec)
  printf 'source "https://rubygems.org"\ngem "soup", "1.0.0"\n' >"$source/Gemfile"
  printf 'GEM\n  remote: https://rubygems.org/\n  specs:\n    soup (1.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  soup (= 1.0.0)\n' >"$source/Gemfile.lock"
  commit "$source" 'Lock with bundler'
  installs_once bundler 'bundle exec ruby -e "require %q(soup); puts KIND"'
  echo 'gem "rice"' >>"$source/Gemfile"
  commit "$source" 'Add rice'
  cannot_install bundler 16 'You have added to the Gemfile:'
}

run_tests "$@"
