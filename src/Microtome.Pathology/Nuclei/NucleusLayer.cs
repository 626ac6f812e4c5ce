using System.Buffers.Binary;
using System.Text;
using Microtome.Imaging;
using SQLitePCL;

namespace Microtome.Pathology;

/// <summary>Reads what <see cref="NucleusGeoPackage"/> writes, and any GeoPackage with a layer <c>nuclei</c> of polygons. One thread at a time.</summary>
public sealed class NucleusLayer : IDisposable
{
    private const string Name = "nuclei";
    private readonly sqlite3 connection;
    private readonly string path;
    private sqlite3_stmt? geometry;

    /// <summary>Opens the file for reading.</summary>
    /// <exception cref="InvalidDataException">It is no GeoPackage with nuclei, or damaged.</exception>
    public NucleusLayer(string path)
    {
        this.path = path;
        Batteries_V2.Init();
        // One thread at a time uses a connection, so that it needs no locks; a million rows are read a third faster without them.
        int code = raw.sqlite3_open_v2(path, out connection, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            if (code != raw.SQLITE_OK)
                throw Damaged(code);
            var columns = new List<(string Name, string Type)>();
            using var list = Prepare($"PRAGMA table_info({Name})");
            while (Step(list))
                columns.Add((raw.sqlite3_column_text(list, 1).utf8_to_string(), raw.sqlite3_column_text(list, 2).utf8_to_string().ToUpperInvariant()));
            if (!columns.Any(c => c.Name == "fid") || !columns.Any(c => c.Name == "geom"))
                throw new InvalidDataException($"{path} has no layer '{Name}' with fid and geom: it was not written by microtome analyze.");
            HasClass = columns.Any(c => c.Name == "class");
            HasCentroid = columns.Any(c => c.Name == "centroid_x_px") && columns.Any(c => c.Name == "centroid_y_px");
            Measures = [.. columns.Where(c => c.Type is "DOUBLE" or "REAL" or "FLOAT" or "INTEGER" or "MEDIUMINT" or "INT" && c.Name is not ("fid" or "centroid_x_px" or "centroid_y_px")).Select(c => c.Name)];
            LastId = Scalar($"SELECT max(fid) FROM {Name}");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Columns of numbers, the centroid's left out.</summary>
    public IReadOnlyList<string> Measures { get; }

    /// <summary>Whether there is a column <c>class</c>.</summary>
    public bool HasClass { get; }

    /// <summary>Whether there are columns for the centroid; otherwise the middle of the envelope stands for it.</summary>
    public bool HasCentroid { get; }

    /// <summary>The right and lower end of the layer as its table of contents has it, level-0 pixels; 0 when it does not say.</summary>
    public (double Right, double Bottom) Extent
    {
        get
        {
            using var statement = Prepare($"SELECT max_x, max_y FROM gpkg_contents WHERE table_name = '{Name}'");
            return Step(statement) ? (raw.sqlite3_column_double(statement, 0), raw.sqlite3_column_double(statement, 1)) : (0, 0);
        }
    }

    /// <summary>The largest identifier; 0 when there are no nuclei.</summary>
    public long LastId { get; }

    /// <summary>Goes through the nuclei with identifiers in [from, to] in their order.</summary>
    /// <param name="from">The first identifier.</param>
    /// <param name="to">The last identifier.</param>
    /// <param name="take">Takes a nucleus; the row is valid during the call only.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public void Scan(long from, long to, Action<Row> take, CancellationToken cancellation)
    {
        using var statement = Prepare($"{Columns} WHERE fid BETWEEN ?1 AND ?2");
        raw.sqlite3_bind_int64(statement, 1, from);
        raw.sqlite3_bind_int64(statement, 2, to);
        var row = new Row(statement, HasCentroid, Measures.Count);
        long count = 0;
        while (Step(statement))
        {
            if ((++count & 0xfff) == 0)
                cancellation.ThrowIfCancellationRequested();
            take(row);
        }
    }

    /// <summary>Looks at single nuclei: the one with each identifier, or the next that exists.</summary>
    /// <param name="ids">The identifiers.</param>
    /// <param name="take">Takes a nucleus; the row is valid during the call only.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public void Pick(IEnumerable<long> ids, Action<Row> take, CancellationToken cancellation)
    {
        using var statement = Prepare($"{Columns} WHERE fid >= ?1 ORDER BY fid LIMIT 1");
        var row = new Row(statement, HasCentroid, Measures.Count);
        foreach (long id in ids)
        {
            cancellation.ThrowIfCancellationRequested();
            raw.sqlite3_bind_int64(statement, 1, id);
            if (Step(statement))
                take(row);
            _ = raw.sqlite3_reset(statement);
        }
    }

    /// <summary>The outer ring of a nucleus, closed ring left open; empty when there is no such nucleus or it has no polygon.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public Vertex[] RingOf(long id)
    {
        geometry ??= Prepare($"SELECT geom FROM {Name} WHERE fid = ?1");
        raw.sqlite3_bind_int64(geometry, 1, id);
        try
        {
            return Step(geometry) ? Ring(raw.sqlite3_column_blob(geometry, 0)) : [];
        }
        finally
        {
            _ = raw.sqlite3_reset(geometry);
        }
    }

    /// <summary>All columns of a nucleus but the geometry, in the file's order: numbers, texts or null; null when there is no such nucleus.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public IReadOnlyList<KeyValuePair<string, object?>>? ColumnsOf(long id)
    {
        using var statement = Prepare($"SELECT * FROM {Name} WHERE fid = ?1");
        raw.sqlite3_bind_int64(statement, 1, id);
        if (!Step(statement))
            return null;
        var columns = new List<KeyValuePair<string, object?>>();
        for (int i = 0; i < raw.sqlite3_column_count(statement); i++)
        {
            string name = raw.sqlite3_column_name(statement, i).utf8_to_string();
            object? value = raw.sqlite3_column_type(statement, i) switch
            {
                raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, i),
                raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, i),
                raw.SQLITE_TEXT => raw.sqlite3_column_text(statement, i).utf8_to_string(),
                _ => null,
            };
            if (name != "geom")
                columns.Add(new(name, value));
        }

        return columns;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        geometry?.Dispose();
        connection.Dispose();
    }

    private string Columns => $"SELECT fid, {(HasClass ? "class" : "NULL")}, {(HasCentroid ? "centroid_x_px, centroid_y_px" : "geom, NULL")}{string.Concat(Measures.Select(m => ", " + Quoted(m)))} FROM {Name}";

    private static string Quoted(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    // The middle of the envelope in the header (GeoPackage 1.3, 2.1.3), else of the ring.
    private static (double X, double Y) MiddleOf(ReadOnlySpan<byte> blob)
    {
        if (blob.Length >= 40 && blob[0] == 'G' && blob[1] == 'P' && ((blob[3] >> 1) & 7) >= 1 && (blob[3] & 1) == 1)
        {
            return ((BinaryPrimitives.ReadDoubleLittleEndian(blob[8..]) + BinaryPrimitives.ReadDoubleLittleEndian(blob[16..])) / 2,
                (BinaryPrimitives.ReadDoubleLittleEndian(blob[24..]) + BinaryPrimitives.ReadDoubleLittleEndian(blob[32..])) / 2);
        }

        var ring = Ring(blob);
        return ring.Length == 0 ? (double.NaN, double.NaN) : ((ring.Min(v => v.X) + ring.Max(v => v.X)) / 2, (ring.Min(v => v.Y) + ring.Max(v => v.Y)) / 2);
    }

    // Header, then well-known binary of a polygon (or the first polygon of several), both in either byte order.
    private static Vertex[] Ring(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < 8 || blob[0] != 'G' || blob[1] != 'P')
            return [];
        int envelope = ((blob[3] >> 1) & 7) switch { 0 => 0, 1 => 32, 2 or 3 => 48, 4 => 64, _ => -1 };
        int at = 8 + envelope;
        if (envelope < 0 || blob.Length < at + 13)
            return [];
        bool little = blob[at] == 1;
        if (Word(blob, at + 1, little) == 6)
        {
            at += 9;
            if (blob.Length < at + 13)
                return [];
            little = blob[at] == 1;
        }

        if (Word(blob, at + 1, little) != 3 || Word(blob, at + 5, little) < 1)
            return [];
        uint count = Word(blob, at + 9, little);
        at += 13;
        if (count < 4 || count > (blob.Length - at) / 16)
            return [];
        var ring = new Vertex[count - 1];
        for (int i = 0; i < ring.Length; i++, at += 16)
            ring[i] = new Vertex(Number(blob, at, little), Number(blob, at + 8, little));
        return ring;
    }

    private static uint Word(ReadOnlySpan<byte> blob, int at, bool little) => little ? BinaryPrimitives.ReadUInt32LittleEndian(blob[at..]) : BinaryPrimitives.ReadUInt32BigEndian(blob[at..]);

    private static double Number(ReadOnlySpan<byte> blob, int at, bool little) => little ? BinaryPrimitives.ReadDoubleLittleEndian(blob[at..]) : BinaryPrimitives.ReadDoubleBigEndian(blob[at..]);

    private long Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return Step(statement) ? raw.sqlite3_column_int64(statement, 0) : 0;
    }

    private sqlite3_stmt Prepare(string sql)
    {
        if (raw.sqlite3_prepare_v2(connection, sql, out var statement) != raw.SQLITE_OK)
            throw Damaged(raw.SQLITE_ERROR);
        return statement;
    }

    private bool Step(sqlite3_stmt statement)
    {
        int code = raw.sqlite3_step(statement);
        if (code is raw.SQLITE_ROW or raw.SQLITE_DONE)
            return code == raw.SQLITE_ROW;
        throw Damaged(code);
    }

    private InvalidDataException Damaged(int code) => new($"{path} is damaged or no GeoPackage: {raw.sqlite3_errmsg(connection).utf8_to_string()} (SQLite {code}).");

    /// <summary>A nucleus while it is passed by.</summary>
    public sealed class Row
    {
        private readonly sqlite3_stmt statement;
        private readonly bool hasCentroid;

        internal Row(sqlite3_stmt statement, bool hasCentroid, int measures)
        {
            this.statement = statement;
            this.hasCentroid = hasCentroid;
            MeasureCount = measures;
        }

        /// <summary>Its identifier.</summary>
        public long Id => raw.sqlite3_column_int64(statement, 0);

        /// <summary>Its class, UTF-8; empty when it has none.</summary>
        public ReadOnlySpan<byte> ClassName => raw.sqlite3_column_blob(statement, 1);

        /// <summary>Its centroid, level-0 pixels; NaN when it has no geometry.</summary>
        public (double X, double Y) Centroid => hasCentroid ? (raw.sqlite3_column_double(statement, 2), raw.sqlite3_column_double(statement, 3)) : MiddleOf(raw.sqlite3_column_blob(statement, 2));

        /// <summary>Number of measures.</summary>
        public int MeasureCount { get; }

        /// <summary>A measure; NaN when it is not known.</summary>
        public float Measure(int index) => raw.sqlite3_column_double(statement, 4 + index) is var value && value == 0 && raw.sqlite3_column_type(statement, 4 + index) == raw.SQLITE_NULL ? float.NaN : (float)value;

        /// <summary>A class name as text.</summary>
        public static string Text(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name);
    }
}
