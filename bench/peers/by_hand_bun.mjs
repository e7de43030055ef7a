export function open(directory) {
  const path = `${directory}/registered.json`;
  return { lookup: async (issuer) => (await Bun.file(path).json())[issuer] };
}
