#!/usr/bin/env python3
"""Each rule of check_layers.py is broken once, in a small tree, and must be found; a tree that keeps them is clean."""

import pathlib
import tempfile
import unittest

import check_layers


class LayersTest(unittest.TestCase):
    def failures(self, **files):
        """check() over a tree of {path with __ for / and a last _ for .: text}, each folder with its README."""
        with tempfile.TemporaryDirectory() as folder:
            src = pathlib.Path(folder)
            for name, text in files.items():
                path = src / ".".join(name.replace("__", "/").rsplit("_", 1))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                (src / path.relative_to(src).parts[0] / "README.md").touch()
            return check_layers.check(src)

    def assert_found(self, expected, **files):
        found = self.failures(**files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_a_tree_that_keeps_to_the_plan_is_clean(self):
        self.assertEqual(
            self.failures(
                base__ids_h="",
                model__run_h='#include "base/ids.h"',
                net__server_cc="#include <boost/beast.hpp>",
                runtime__loop_cc="#include <thread>\n#include <sys/epoll.h>",
                store__sqlite__log_cc='#include "store/log.h"\n#include <sqlite3.h>',
                store__log_h='#include "model/run.h"',
                store__dynamodb__log_cc='#include "net/client.h"',
                net__client_h="// No std::thread here, and no sleep().",
            ),
            [],
        )

    def test_an_include_that_points_up_is_found_with_its_line(self):
        self.assert_found("base/ids.h:2: base may not include model", base__ids_h='\n#include "model/run.h"', model__run_h="")

    def test_only_the_dynamodb_store_may_use_net(self):
        self.assert_found("store may not include net", store__sqlite__log_cc='#include "net/a.h"', net__a_h="")

    def test_nobody_includes_app(self):
        self.assert_found("api may not include app", api__runs_cc='#include "app/main.h"', app__main_h="")

    def test_tests_keep_to_the_plan_too(self):
        self.assert_found("model may not include net", model__run_test_cc='#include "net/a.h"', net__a_h="")

    def test_a_header_that_is_not_there_is_found(self):
        self.assert_found("is no header of src/", base__ids_cc='#include "base/gone.h"')

    def test_a_folder_outside_the_table_is_found(self):
        self.assert_found("no folder of the table", util__misc_h="")

    def test_headers_that_include_each_other_are_found(self):
        self.assert_found(
            "base/a.h -> base/b.h -> base/a.h", base__a_h='#include "base/b.h"', base__b_h='#include "base/a.h"'
        )

    def test_threads_and_locks_stay_in_runtime(self):
        self.assert_found("a thread or a lock belongs in runtime", feed__hub_cc="std::mutex lock_;")
        self.assert_found("a thread or a lock belongs in runtime", store__sqlite__writer_cc="#include <thread>")

    def test_beast_stays_in_net(self):
        self.assert_found("Beast belongs in net", runner__server_cc="#include <boost/beast/http.hpp>")

    def test_epoll_stays_in_runtime_and_feed(self):
        self.assertEqual(self.failures(feed__streams_cc="#include <sys/epoll.h>"), [])
        self.assert_found("epoll belongs in runtime or feed", net__server_cc="epoll_wait(fd, events, 8, -1);")

    def test_sqlite_stays_in_its_store(self):
        self.assert_found("SQLite belongs in store/sqlite", store__log_cc="#include <sqlite3.h>")

    def test_nobody_blocks_in_a_sleep(self):
        self.assert_found("blocking sleep is not done", runtime__loop_test_cc="std::this_thread::sleep_for(1ms);")
        self.assert_found("blocking sleep is not done", process__child_cc="  ::sleep(1);")

    def test_a_folder_without_its_readme_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "base").mkdir()
            (pathlib.Path(folder) / "base/ids.h").touch()
            self.assertEqual(check_layers.check(pathlib.Path(folder)), ["base/README.md:1: is missing"])

    def test_the_table_itself_only_points_down(self):
        order = list(check_layers.FOLDERS)
        for folder, allowed in check_layers.FOLDERS.items():
            for other in allowed.split():
                self.assertLess(order.index(other), order.index(folder), f"{folder} uses {other}")


if __name__ == "__main__":
    unittest.main()
