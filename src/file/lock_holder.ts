import type { Registrant } from "../core/client_store.ts";

/** What the holder of a lock writes into it beside its nonce. */
export function holderText(pid: number | undefined, now: number): string {
  return ` by ${pid ?? "?"} since ${new Date(now).toISOString().slice(0, 19)}Z`;
}

/** What the content of a lock tells of its holder. */
export function holderIn(content: string | undefined): Registrant {
  const [, pid, since] =
    / by (\d{1,15}|\?) since (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(content ?? "") ?? [];
  return {
    ...(pid !== undefined && pid !== "?" && { pid: Number(pid) }),
    ...(since !== undefined && { since }),
  };
}

/** Calls back for each holder once, as the content of a lock tells of it. */
export function onceForEach(
  onWait: (registrant: Registrant) => void,
): (content: string) => void {
  let last: string | undefined;
  return (content) => {
    const [nonce] = content.split(" ");
    if (nonce === last) return;
    last = nonce;
    onWait(holderIn(content));
  };
}
