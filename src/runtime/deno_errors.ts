/** What Deno tells by the name of the error. */
const CODES: { [name: string]: string } = {
  NotFound: "ENOENT",
  AlreadyExists: "EEXIST",
  PermissionDenied: "EACCES",
  NotCapable: "EACCES",
  IsADirectory: "EISDIR",
  NotADirectory: "ENOTDIR",
  FilesystemLoop: "ELOOP",
  Busy: "EBUSY",
  NotSupported: "ENOTSUP",
};

/** What file systems refuse that Deno has no code for, by its number. */
const ERRNOS: { [os: string]: { [errno: string]: string } } = {
  linux: { "38": "ENOSYS", "95": "EOPNOTSUPP", "122": "EDQUOT" },
  darwin: { "45": "ENOTSUP", "69": "EDQUOT", "78": "ENOSYS", "102": "EOPNOTSUPP" },
};

/** The error, with the POSIX name of what it is. */
export function coded(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  if (typeof code === "string") return error;
  const errno = /\(os error (\d+)\)/.exec(String(message))?.[1] ?? "";
  return Object.assign(error, {
    code: CODES[String(name)] ?? ERRNOS[Deno.build.os]?.[errno] ?? "EIO",
  });
}
