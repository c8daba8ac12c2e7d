#!/usr/bin/env bash
# The real npm, pnpm, yarn (1 and 4) and bun.
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"
source "$(dirname -- "$0")/managers.bash"

eat='node -p "require(\"soup\")"'

# A package that depends on another one beside it.
add_package() { # add_package <folder under the repository> <command that writes the lockfile...>
  local folder=$source/$1
  shift
  mkdir -p "$folder/soup"
  echo '{"name":"meal","version":"1.0.0","private":true,"dependencies":{"soup":"file:./soup"}}' >"$folder/package.json"
  echo '{"name":"soup","version":"1.0.0","main":"soup.js"}' >"$folder/soup/package.json"
  echo 'module.exports = "miso";' >"$folder/soup/soup.js"
  (cd "$folder" && YARN_CACHE_FOLDER=$root/cache "$@")
  rm -rf "$folder"/{node_modules,.yarn/install-state.gz}
  commit "$source" "Lock with $1"
}

# A dependency more, which the lockfile does not know.
add_rice() {
  sed -i 's#"soup":#"rice":"file:./rice",&#' "$source/package.json"
  cp -r "$source/soup" "$source/rice"
  sed -i 's/soup/rice/' "$source/rice/package.json"
  commit "$source" 'Add rice'
}

# As `npm install --global` leaves it: a link in bin, and the package in lib beside that.
have_yarn() { # have_yarn <package>
  mkdir -p "$root/tools/bin" "$root/tools/lib/node_modules"
  cp -r "$managers/$1" "$root/tools/lib/node_modules/yarn"
  ln -s ../lib/node_modules/yarn/bin/yarn.js "$root/tools/bin/yarn"
  PATH=$root/tools/bin:$PATH
}

test_npm() {
  add_package . npm install --package-lock-only
  installs_once npm "$eat"
  add_rice
  cannot_install npm 1 'Missing: rice@1.0.0 from lock file'
}

test_pnpm() {
  add_package . pnpm install --lockfile-only
  installs_once pnpm "$eat"
  add_rice
  cannot_install pnpm 1 'frozen-lockfile'
}

test_pnpm_keeps_its_store_in_the_home_and_so_does_the_agents() {
  add_package web pnpm install --lockfile-only
  setup_ok
  says '@step install done Dependencies are installed.'
  says 'uncommitted=0'
  in_sandbox 'mkdir -p new/app && cp -r web/package.json web/soup new/app && cd new/app && pnpm install'
  equal "$(git -C "$workspace" status --porcelain --untracked-files=all | grep -v ' new/app/')" '' 'git status'
  [[ -d $state/home/.local/share/pnpm/store ]] || die 'no store'
}

test_yarn_1() {
  have_yarn yarn
  add_package . yarn install
  installs_once yarn "$eat"
  [[ -d $state/home/.cache/yarn ]] || die 'the cache is not in the home'
  add_rice
  cannot_install yarn 1 'Your lockfile needs to be updated'
}

test_yarn_4_without_node_modules() {
  have_yarn @yarnpkg/cli-dist
  touch "$source/yarn.lock" # or it looks for a project further up
  add_package . yarn install --mode=update-lockfile
  installs_once yarn "yarn $eat"
  missing "$workspace/node_modules"
  rm "$workspace/.pnp.cjs"
  setup_ok
  says 'Installing the dependencies of the project with yarn'
  equal "$(in_sandbox "yarn $eat")" miso
  add_rice
  cannot_install yarn 1 'YN0028'
}

test_yarn_4_that_the_repository_brings() {
  have_yarn yarn
  mkdir -p "$source/.yarn/releases"
  cp "$managers/@yarnpkg/cli-dist/bin/yarn.js" "$source/.yarn/releases/yarn.cjs"
  printf 'yarnPath: .yarn/releases/yarn.cjs\nnodeLinker: node-modules\n' >"$source/.yarnrc.yml"
  touch "$source/yarn.lock"
  add_package . yarn install --mode=update-lockfile
  installs_once yarn "$eat"
}

test_bun() {
  add_package . bun install --lockfile-only
  installs_once bun "$eat"
  add_rice
  cannot_install bun 1 'lockfile had changes, but lockfile is frozen'
}

run_tests "$@"
