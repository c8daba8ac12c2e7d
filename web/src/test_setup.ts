import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// Parts of the page are fetched when they are first wanted, which takes its time on a busy machine.
configure({ asyncUtilTimeout: 10_000 });
afterEach(cleanup);
