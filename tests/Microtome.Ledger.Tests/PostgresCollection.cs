using Microtome.Cli;
namespace Microtome.Ledger.Tests;

[CollectionDefinition("postgres")]
public sealed class PostgresCollection : ICollectionFixture<ThrowawayPostgres>;
