using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Reads back a GeoPackage that <see cref="NucleusGeoPackage"/> wrote, so that reports and exports need no second pass over the slide.</summary>
public static class NucleusGeoPackageReader
{
    private static readonly string[] s_columns = [.. NucleusColumns.All.Select(c => c.Name)];

    /// <summary>The nuclei in the order in which they were written. Grid pixels are not in the file: <see cref="Nucleus.Anchor"/> and <see cref="Nucleus.AreaPixels"/> are 0.</summary>
    /// <param name="path">The file.</param>
    /// <param name="area">Only those whose bounding box touches this rectangle; null for all.</param>
    /// <exception cref="InvalidDataException">The file is not such a GeoPackage.</exception>
    public static IEnumerable<Nucleus> Read(string path, Level0Rect? area = null)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        string names = string.Join(", ", s_columns);
#pragma warning disable CA2100 // The names are constants of this program.
        command.CommandText = area is null
            ? $"SELECT geom, class, {names} FROM nuclei ORDER BY fid"
            : $"SELECT geom, class, {names} FROM nuclei WHERE fid IN (SELECT id FROM rtree_nuclei_geom WHERE minx < $right AND maxx > $left AND miny < $bottom AND maxy > $top) ORDER BY fid";
#pragma warning restore CA2100
        if (area is { } a)
        {
            command.Parameters.AddWithValue("$left", (double)a.X);
            command.Parameters.AddWithValue("$right", (double)a.Right);
            command.Parameters.AddWithValue("$top", (double)a.Y);
            command.Parameters.AddWithValue("$bottom", (double)a.Bottom);
        }

        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            double Number(string name) => rows.GetDouble(2 + Array.IndexOf(s_columns, name));
            yield return new Nucleus
            {
                Anchor = (0, 0),
                AreaPixels = 0,
                Polygon = new Polygon(Exterior((byte[])rows.GetValue(0), path)),
                Class = rows.GetString(1),
                Centroid = new Level0Point(Number("centroid_x_px"), Number("centroid_y_px")),
                AreaUm2 = Number("area_um2"),
                PerimeterUm = Number("perimeter_um"),
                MajorAxisUm = Number("major_axis_um"),
                MinorAxisUm = Number("minor_axis_um"),
                Eccentricity = Number("eccentricity"),
                Solidity = Number("solidity"),
                Circularity = Number("circularity"),
                HaematoxylinMean = Number("haematoxylin_mean_od"),
                EosinMean = Number("eosin_mean_od"),
                MeanRgb = (Number("red_mean"), Number("green_mean"), Number("blue_mean")),
                Probability = Number("probability"),
            };
        }
    }

    // GeoPackageBinary with an envelope of x and y, then a polygon in little-endian well-known binary.
    private static Vertex[] Exterior(byte[] blob, string path)
    {
        if (blob.Length < 53 || blob[0] != (byte)'G' || blob[1] != (byte)'P' || blob[3] != 3 || blob[40] != 1)
            throw new InvalidDataException($"{path} holds a geometry that this program did not write.");
        int count = BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(49)) - 1;
        if (count < 3 || 53 + ((count + 1L) * 16) > blob.Length)
            throw new InvalidDataException($"{path} holds a damaged geometry.");
        var ring = new Vertex[count];
        for (int i = 0; i < count; i++)
            ring[i] = new Vertex(BinaryPrimitives.ReadDoubleLittleEndian(blob.AsSpan(53 + (i * 16))), BinaryPrimitives.ReadDoubleLittleEndian(blob.AsSpan(61 + (i * 16))));
        return ring;
    }
}
