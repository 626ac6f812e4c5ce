namespace Microtome.Imaging;

/// <summary>One object of a GeoJSON file as QuPath writes and reads them; coordinates are level-0 pixels.</summary>
public sealed record GeoJsonFeature
{
    /// <summary>The geometry: one polygon, or several parts of one object (written as MultiPolygon).</summary>
    public required IReadOnlyList<Polygon> Polygons { get; init; }

    /// <summary>The identity, or null: the writer then derives one from its scope and the position in the file.</summary>
    public Guid? Id { get; init; }

    /// <summary>QuPath's kind of object: <c>annotation</c>, <c>detection</c>, <c>cell</c> or <c>tile</c>.</summary>
    public string ObjectType { get; init; } = "annotation";

    /// <summary>Whether QuPath guards the object against being moved by accident.</summary>
    public bool IsLocked { get; init; }

    /// <summary>The name of this object, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The class, for instance <c>Tumor</c>, or null when unclassified.</summary>
    public string? ClassName { get; init; }

    /// <summary>The colour of the class, or null.</summary>
    public (byte R, byte G, byte B)? ClassColor { get; init; }

    /// <summary>Named numbers; those that are not finite are left out when written, since JSON has none.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Measurements { get; init; } = [];
}
