import { attempting } from "../documents/attempting.ts";
import { checkMembers, type MembersOf } from "../core/client_store_error.ts";
import { DEADLINE } from "../documents/store_options.ts";
import { plainCode } from "../documents/command.ts";
import { type PostgresQuery, runStatement } from "./postgres_documents.ts";
import { postgresMigration } from "./statements.ts";

/** Options of {@linkcode migratePostgres}. */
export interface MigrateOptions {
  /** Runs one statement. */
  query: PostgresQuery;
  /** The schema of the table; `"public"` unless given. It must be there. */
  schema?: string;
  /** How long the database may take to answer, in milliseconds; 2000 unless given. */
  deadline?: number;
}

const OPTIONS: MembersOf<MigrateOptions> = { query: true, schema: true, deadline: true };

/**
 * Creates the table that stores keep their documents in, where it is missing.
 *
 * @param options The connection and the schema.
 * @throws {TypeError} If `schema` can name none, or an option is unknown.
 * @throws {ClientStoreError} If the database does not do it.
 *
 * @example Create the table when a program is deployed
 * ```ts
 * import { migratePostgres } from "@oauth2/client-store/postgres";
 *
 * const ran: string[] = [];
 * await migratePostgres({ query: async (text) => ({ rows: (ran.push(text), []) }) });
 * console.log(ran.length); // Prints: 2
 * ```
 */
export async function migratePostgres(options: MigrateOptions): Promise<void> {
  checkMembers(options, OPTIONS, "Cannot migrate the database");
  const { query, schema, deadline = DEADLINE } = options;
  for (const statement of postgresMigration(schema)) {
    for (let tries = 1;; tries++) {
      try {
        const run = () => runStatement(query, statement, [], deadline);
        await attempting("Cannot create the table for clients", run);
        break;
      } catch (error) {
        // Who creates it at the same time may be in the way; then it is there.
        if (tries === 5 || !/^(23505|42P0[67]|XX000)$/.test(plainCode(error) ?? "")) throw error;
      }
    }
  }
}
