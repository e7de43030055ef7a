import { command, type CommandOptions, plainCode } from "../documents/command.ts";
import type { DocumentKey, Documents, VersionedDocument } from "../documents/documents.ts";
import { type PostgresStatements, statementsOf } from "./statements.ts";

const PAGE = 1000;

/**
 * Runs one statement over the connection of the program: `pool.query(text, values)` of `pg`,
 * `sql.unsafe(text, values)` of postgres.js and of Bun.
 */
export type PostgresQuery = (
  text: string,
  values: string[],
) => PromiseLike<
  | { readonly rows: readonly { readonly [column: string]: unknown }[] }
  | readonly { readonly [column: string]: unknown }[]
>;

/** Documents in a table of PostgreSQL. */
export class PostgresDocuments implements Documents {
  readonly #query: PostgresQuery;
  readonly #statements: PostgresStatements;
  readonly #deadline: number;

  constructor(query: PostgresQuery, schema: string, deadline: number) {
    this.#query = query;
    this.#statements = statementsOf(schema);
    this.#deadline = deadline;
  }

  async read({ tenant, issuer }: DocumentKey): Promise<VersionedDocument | undefined> {
    const [row] = await this.#run(this.#statements.read, [tenant, issuer]);
    // A row without a document holds only a lease.
    const isThere = row && row.document !== null;
    return isThere ? { text: String(row.document), version: String(row.version) } : undefined;
  }

  async write(
    { tenant, issuer }: DocumentKey,
    text: string,
    ifVersion: string | undefined,
  ): Promise<string | undefined> {
    const { create, update } = this.#statements;
    const [row] = await this.#compete(
      ifVersion === undefined ? create : update,
      [tenant, issuer, text, ...ifVersion === undefined ? [] : [ifVersion]],
    );
    return row && String(row.version);
  }

  async *pages(tenant: string): AsyncIterable<readonly (DocumentKey & VersionedDocument)[]> {
    let last = "";
    while (true) {
      const rows = await this.#run(this.#statements.page, [tenant, last, String(PAGE)]);
      if (rows.length > 0) yield rows.map((row) => documentOf(tenant, row));
      if (rows.length < PAGE) return;
      last = String(rows.at(-1)?.issuer);
    }
  }

  async lease(
    { tenant, issuer }: DocumentKey,
    holder: string,
    milliseconds: number,
  ): Promise<boolean> {
    const values = [tenant, issuer, holder, String(milliseconds)];
    return (await this.#compete(this.#statements.lease, values)).length > 0;
  }

  async release({ tenant, issuer }: DocumentKey, holder: string): Promise<void> {
    await this.#compete(this.#statements.release, [tenant, issuer, holder]);
  }

  /** Runs a statement that may lose against another one, where the isolation asked for is stricter. */
  async #compete(text: string, values: string[]) {
    try {
      return await this.#run(text, values);
    } catch (error) {
      const code = plainCode(error) ?? "";
      if (/^40(001|P01)$/.test(code)) return []; // serialization failure, deadlock
      throw error;
    }
  }

  async #run(text: string, values: string[]) {
    return await runStatement(this.#query, text, values, this.#deadline);
  }
}

function documentOf(tenant: string, row: { readonly [column: string]: unknown }) {
  const { issuer, document, version } = row;
  return { tenant, issuer: String(issuer), text: String(document), version: String(version) };
}

/** Runs one statement; what comes of it is the rows. */
export async function runStatement(
  query: PostgresQuery,
  text: string,
  values: string[],
  deadline: number,
): Promise<readonly { readonly [column: string]: unknown }[]> {
  const options: CommandOptions = { deadline, database: "PostgreSQL", codeOf, adviceFor };
  const answer = await command(() => query(text, values), options);
  const rows = "rows" in Object(answer) ? (answer as { rows: unknown }).rows : answer;
  if (Array.isArray(rows)) return rows;
  throw new TypeError("Cannot use PostgreSQL: query must resolve to the rows, or to what has them");
}

/** A SQLSTATE, or the code of the driver or the system. Bun has the SQLSTATE elsewhere. */
function codeOf(error: unknown): string | undefined {
  const state = plainCode(error, "errno");
  return state !== undefined && /^[0-9A-Z]{5}$/.test(state) ? state : plainCode(error);
}

function adviceFor(code: string): string | undefined {
  if (code === "3F000") return "the schema is missing: create it, or give another one";
  if (code === "42P01") return "the table is missing: run migratePostgres, and check schema";
  if (code === "54000") return "the tenant and the issuer are too long for the index of the table";
  if (/^28/.test(code)) return "it refused the user or the password";
  if (code === "42501") return "the user may not read and write the table";
  if (/^53/.test(code)) return "it has no room left: free some";
  if (code === "25006") return "it is read-only: connect to the primary";
}
