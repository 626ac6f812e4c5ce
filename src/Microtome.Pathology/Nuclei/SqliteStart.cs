using System.Runtime.CompilerServices;
using Microtome.Ledger;

namespace Microtome.Pathology;

internal static class SqliteStart
{
#pragma warning disable CA2255 // The library must be loaded in its own way whoever uses SQLite first.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare() => SqliteLibrary.Prepare();
}
