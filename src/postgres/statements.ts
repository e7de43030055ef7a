const TABLE = "oauth_client_documents";

/** What a store asks PostgreSQL for: each operation is one statement, and all values are texts. */
export interface PostgresStatements {
  /** tenant, issuer → document (null: only a lease is there), version */
  readonly read: string;
  /** tenant, issuer, document → version, if there was none */
  readonly create: string;
  /** tenant, issuer, document, version → version, if it still was that one */
  readonly update: string;
  /** tenant, issuer after which, how many → issuer, document, version */
  readonly page: string;
  /** tenant, issuer, holder, milliseconds → a row, if the lease is the holder's now */
  readonly lease: string;
  /** tenant, issuer, holder */
  readonly release: string;
}

/** The table of a schema, as it is written in a statement. */
function tableIn(schema: string): string {
  return `"${schema.replaceAll('"', '""')}".${TABLE}`;
}

/**
 * The statements that create what a store needs, for a migration tool; each can be run again.
 *
 * @param schema The schema of the table; `"public"` unless given. It must be there.
 * @returns The statements, in order.
 * @throws {TypeError} If `schema` can name none.
 *
 * @example Write a migration
 * ```ts
 * import { postgresMigration } from "@oauth2/client-store/postgres";
 *
 * console.log(postgresMigration().join(";\n"));
 * ```
 */
export function postgresMigration(schema: string = "public"): readonly string[] {
  checkSchema(schema);
  const table = tableIn(schema);
  return [
    `create table if not exists ${table} (
  tenant text collate "C" not null,
  issuer text collate "C" not null,
  document text,
  version bigint not null,
  lease_holder text,
  lease_until timestamptz,
  primary key (tenant, issuer)
)`,
    `comment on table ${table} is '@oauth2/client-store, schema 1'`,
  ];
}

/** The statements of a store in this schema. */
export function statementsOf(schema: string): PostgresStatements {
  const table = tableIn(schema);
  // By the clock, and never backwards: a version that a backup brought back is not used a second time.
  const next = "(extract(epoch from clock_timestamp()) * 1000000)::bigint";
  const until = "clock_timestamp() + $4::text::bigint * interval '1 millisecond'";
  // What costs the planner time costs every lookup: no cast, and what JavaScript can tell as well.
  return {
    read: `select document, version from ${table} where tenant = $1 and issuer = $2`,
    create: `insert into ${table} as known (tenant, issuer, document, version)
values ($1, $2, $3, ${next})
on conflict (tenant, issuer) do update set document = excluded.document,
version = greatest(known.version + 1, excluded.version)
where known.document is null returning version`,
    update: `update ${table} set document = $3, version = greatest(version + 1, ${next})
where tenant = $1 and issuer = $2 and version = $4 and document is not null returning version`,
    page: `select issuer, document, version from ${table}
where tenant = $1 and issuer > $2 and document is not null order by issuer limit $3::text::bigint`,
    lease: `insert into ${table} as known (tenant, issuer, version, lease_holder, lease_until)
values ($1, $2, 0, $3, ${until})
on conflict (tenant, issuer) do update set lease_holder = excluded.lease_holder,
lease_until = ${until}
where known.lease_holder is null or known.lease_holder = excluded.lease_holder
or known.lease_until < clock_timestamp() returning lease_holder`,
    release: `update ${table} set lease_holder = null, lease_until = null
where tenant = $1 and issuer = $2 and lease_holder = $3`,
  };
}

/** Refuses what can name no schema. */
export function checkSchema(schema: unknown): asserts schema is string {
  if (typeof schema !== "string" || schema === "" || schema.includes("\0")) {
    throw new TypeError("Cannot use PostgreSQL: schema must be a non-empty string");
  }
}
