import { describe, expect, it } from "vitest";
import { PeerProcess } from "./peer-process.ts";

const ECHO = 'require("readline").createInterface(process.stdin).on("line", (line) => console.log(line))';

describe("PeerProcess", () => {
  it("answers line by line", async () => {
    const peer = new PeerProcess(process.execPath, ["--eval", ECHO]);
    expect(await peer.ask({ a: 1 })).toEqual({ a: 1 });
    expect(await peer.ask({ b: [2] })).toEqual({ b: [2] });
    peer.close();
  });

  it("says what the peer said last when it ends", async () => {
    const peer = new PeerProcess(process.execPath, ["--eval", 'throw new Error("no torch")']);
    await expect(peer.ask({})).rejects.toThrow(expect.objectContaining({ code: "PEER_FAILED" }));
  });

  it("says when there is no such program", async () => {
    await expect(new PeerProcess("/nowhere/python", ["x.py"]).ask({})).rejects.toThrow("/nowhere/python");
  });
});
