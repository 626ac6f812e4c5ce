namespace Microtome.Pathology;

/// <summary>A slide's classified patches.</summary>
/// <param name="Model">The classifier.</param>
/// <param name="Csv">The table.</param>
/// <param name="Sha256">Hash of the table.</param>
internal sealed record PatchResult(PatchMapModel Model, string Csv, string Sha256)
{
    /// <summary>The table, read back: what is counted and drawn is what the file says.</summary>
    public PatchTable Table => table ??= PatchTable.Read(Csv);

    /// <summary>The map of the positive class; null without patches.</summary>
    public PatchMap? Map => Table.Count == 0 ? null : map ??= Model.MapOf(Table);

    private PatchTable? table;
    private PatchMap? map;
}
