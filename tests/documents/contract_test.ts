import { databases } from "../support/databases.ts";
import { statesContract } from "../support/documents_contract.ts";

for (const database of databases) statesContract(database);
