import {
  resolveClient,
  type ResolveClientOptions,
  type ResolvedClient,
} from "../registration/mod.ts";
import type { ClientStore, Registrant } from "../../mod.ts";
import type { Context } from "./context.ts";
import { underWay } from "./under_way.ts";

/** Resolves a client; the user sees whether it is registered now, or another process waited for. */
export async function resolveUnderWay(
  store: ClientStore,
  issuer: string,
  options: ResolveClientOptions,
  context: Context,
): Promise<ResolvedClient> {
  const registering = `Registering at ${issuer}`;
  let what = registering;
  const telling = {
    ...options,
    onWait(registrant: Registrant) {
      what = `Waiting for another process${detailsOf(registrant)} that registers at ${issuer}`;
    },
    fetch(url: string, init?: RequestInit) {
      what = registering; // it is our turn
      return fetch(url, init);
    },
  };
  return await underWay(() => what, context, () => resolveClient(store, issuer, telling));
}

/** What is known of the process that is waited for. */
function detailsOf({ pid, since }: Registrant): string {
  const details = [
    ...(pid === undefined ? [] : [`pid ${pid}`]),
    ...(since === undefined ? [] : [`since ${since}`]),
  ];
  return details.length === 0 ? "" : ` (${details.join(", ")})`;
}
