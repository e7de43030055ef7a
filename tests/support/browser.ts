/** Follows an authorization request as a browser does, cookies included, up to the redirect URI. */
export async function authorize(url: URL | undefined): Promise<{ code: string; iss: string }> {
  if (!url) throw new Error("Nobody was sent to the browser");
  const redirectUri = url.searchParams.get("redirect_uri") ?? "";
  const cookies = new Map<string, string>();
  for (let hops = 0; hops < 20; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response: Response = await fetch(url, { redirect: "manual", headers: { cookie } });
    const body = await response.text();
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    const location: string | null = response.headers.get("location");
    if (location === null) throw new Error(`Status ${response.status}: ${body.slice(0, 500)}`);
    url = new URL(location, url);
    if (!url.href.startsWith(redirectUri)) continue;
    const code = url.searchParams.get("code");
    if (code === null) throw new Error(`Refused: ${url.searchParams}`);
    return { code, iss: url.searchParams.get("iss") ?? "" };
  }
  throw new Error("The browser was sent in a circle");
}
