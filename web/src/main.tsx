import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "./api/queries";
import { prefetch } from "./app/prefetch";
import { router } from "./app/router";
import { Session, takeLoginCode } from "./app/session";
import "./ui/styles.css";

const place = document.getElementById("root");
if (!place) throw new Error("the page has no root");

const code = takeLoginCode();
const client = makeQueryClient();
if (code === null) prefetch(client, window.location.pathname);
// What is still being fetched when React begins to draw, it would hold back for 300 ms more.
await router.load();
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Session code={code}>
        <RouterProvider router={router} />
      </Session>
    </QueryClientProvider>
  </StrictMode>,
);
