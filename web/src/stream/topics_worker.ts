/// <reference lib="webworker" />
import { TopicsHost, type Port } from "./topics_host";

// The worker itself (SharedWorker): lives as long as any page of this browser does.

declare const self: SharedWorkerGlobalScope;

const host = new TopicsHost();

self.onconnect = ({ ports: [port] }) => {
  if (!port) return;
  host.connect(port as unknown as Port, (lock, gone) => {
    // A page holds its lock as long as it lives: a crashed one says no farewell.
    void self.navigator.locks.request(lock, gone);
  });
};
