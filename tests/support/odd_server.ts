import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: string;
}

/** What it answers: 200 unless told otherwise, and JSON unless the body is a text. */
export interface OddAnswer {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
}

/** A running server, and all that it was asked. */
export interface OddServer {
  readonly issuer: string;
  readonly asked: Asked[];
  /** Method and path of all that it was asked. */
  requests(): string[];
}

/** Runs a server on loopback that answers as the test says, however odd; 404 where it says nothing. */
export async function withOddServer(
  answer: (asked: Asked, issuer: string) => OddAnswer | undefined,
  trial: (server: OddServer) => Promise<void>,
): Promise<void> {
  const asked: Asked[] = [];
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (data) => body += data);
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, path: url, headers, body };
      asked.push(one);
      const { status = 200, headers: more = {}, body: told } = answer(one, issuer()) ??
        { status: 404 };
      response.writeHead(status, {
        connection: "close",
        ...(typeof told !== "string" && told !== undefined &&
          { "content-type": "application/json" }),
        ...more,
      });
      response.end(
        typeof told === "string" ? told : told === undefined ? undefined : JSON.stringify(told),
      );
    });
  });
  const issuer = () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  try {
    const requests = () => asked.map(({ method, path }) => `${method} ${path}`);
    await trial({ issuer: issuer(), asked, requests });
  } finally {
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  }
}

/** A server that publishes its metadata as it should, and answers a registration so. */
export function registering(
  answer: OddAnswer | ((asked: Asked, issuer: string) => OddAnswer | undefined),
  more: Record<string, unknown> = {},
): (asked: Asked, issuer: string) => OddAnswer | undefined {
  return (asked, issuer) => {
    if (asked.path === "/.well-known/oauth-authorization-server") {
      const token_endpoint = `${issuer}/token`;
      const registration_endpoint = `${issuer}/register`;
      return { body: { issuer, registration_endpoint, token_endpoint, ...more } };
    }
    return typeof answer === "function" ? answer(asked, issuer) : answer;
  };
}
