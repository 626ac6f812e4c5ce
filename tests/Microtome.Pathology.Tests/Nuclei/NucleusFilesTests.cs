using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microtome.Imaging;

namespace Microtome.Pathology.Tests;

public sealed class NucleusFilesTests : IDisposable
{
    private static readonly Lazy<Nucleus[]> Found = new(() =>
    {
        var truth = new SyntheticNuclei(500, 400, 200, 31);
        var window = new GridRect(3700, 3800, 500, 400); // over the corner of four QuIP tiles
        return new NucleusExtractor(new AnalysisGrid(1, 1), 0.25).Extract(window, window, truth.Picture(), truth.Maps());
    });

    private readonly string _folder = Directory.CreateTempSubdirectory("microtome-nuclei-").FullName;

    private static Nucleus[] Nuclei => Found.Value;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void GeoPackage_Written_HoldsWhatTheStandardAsksFor()
    {
        var path = In("nuclei.gpkg");
        Assert.Equal(Nuclei.Length, NucleusGeoPackage.Write(path, Nuclei));
        var bytes = File.ReadAllBytes(path);
        Assert.Equal("GPKG"u8, bytes.AsSpan(68, 4));
        using var connection = Open(path);
        Assert.Equal(10300L, Scalar(connection, "PRAGMA user_version"));
        Assert.Equal("ok", Scalar(connection, "PRAGMA integrity_check"));
        Assert.Equal("ok", Scalar(connection, "SELECT rtreecheck('rtree_nuclei_geom')"));
        Assert.Equal("-1,0,4326", Scalar(connection, "SELECT group_concat(srs_id) FROM (SELECT srs_id FROM gpkg_spatial_ref_sys ORDER BY srs_id)"));
        Assert.Equal("nuclei features -1", Scalar(connection, "SELECT table_name || ' ' || data_type || ' ' || srs_id FROM gpkg_contents"));
        Assert.Equal("geom POLYGON -1 0 0", Scalar(connection, "SELECT column_name || ' ' || geometry_type_name || ' ' || srs_id || ' ' || z || ' ' || m FROM gpkg_geometry_columns"));
        Assert.Equal("gpkg_rtree_index", Scalar(connection, "SELECT extension_name FROM gpkg_extensions"));
        Assert.Equal(7L, Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"));
        Assert.Equal(Nuclei.Min(n => n.Polygon.Bounds.Left), Scalar(connection, "SELECT min_x FROM gpkg_contents"));
        Assert.Equal(Nuclei.Max(n => n.Polygon.Bounds.Bottom), Scalar(connection, "SELECT max_y FROM gpkg_contents"));
        Assert.Equal((long)Nuclei.Length, Scalar(connection, "SELECT count(*) FROM nuclei"));
        Assert.Equal(Nuclei.Sum(n => n.AreaUm2), (double)Scalar(connection, "SELECT sum(area_um2) FROM nuclei")!, 6);
        Assert.Equal(Nuclei[4].HaematoxylinMean, Scalar(connection, "SELECT haematoxylin_mean_od FROM nuclei WHERE fid = 5"));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void GeoPackage_RTreeQuery_FindsWhatBruteForceFinds()
    {
        var path = In("nuclei.gpkg");
        NucleusGeoPackage.Write(path, Nuclei);
        using var connection = Open(path);
        foreach (var (left, top, right, bottom) in new[] { (3700.0, 3800.0, 3800.0, 3900.0), (3950, 3950, 4050, 4050), (0, 0, 10, 10) })
        {
            var expected = Nuclei.Count(n => n.Polygon.Bounds is var b && b.Left <= right && b.Right >= left && b.Top <= bottom && b.Bottom >= top);
            var found = Scalar(connection, string.Create(
                CultureInfo.InvariantCulture, $"SELECT count(*) FROM rtree_nuclei_geom WHERE minx <= {right} AND maxx >= {left} AND miny <= {bottom} AND maxy >= {top}"));
            Assert.Equal((long)expected, found);
        }
    }

    [Fact]
    public void GeoPackage_WrittenTwice_IsTheSameFile()
    {
        NucleusGeoPackage.Write(In("a.gpkg"), Nuclei);
        NucleusGeoPackage.Write(In("b.gpkg"), Nuclei);
        Assert.Equal(File.ReadAllBytes(In("a.gpkg")), File.ReadAllBytes(In("b.gpkg")));
    }

    [Fact]
    public void GeoPackage_NoNuclei_IsAnEmptyLayer()
    {
        Assert.Equal(0, NucleusGeoPackage.Write(In("empty.gpkg"), []));
        using var connection = Open(In("empty.gpkg"));
        Assert.Equal(0L, Scalar(connection, "SELECT count(*) FROM nuclei"));
        Assert.Equal(DBNull.Value, Scalar(connection, "SELECT min_x FROM gpkg_contents"));
    }

    [Fact]
    public void GeoPackage_SourceFails_LeavesNothing()
    {
        static IEnumerable<Nucleus> Failing()
        {
            yield return Nuclei[0];
            throw new InvalidOperationException("the source");
        }

        Assert.Throws<InvalidOperationException>(() => NucleusGeoPackage.Write(In("nuclei.gpkg"), Failing()));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void GeoPackage_InGdal_HasTheSameCountExtentAndGeometries()
    {
        Assert.SkipUnless(OnPath("ogrinfo"), "GDAL's ogrinfo (gdal-bin) is not installed.");
        var path = In("nuclei.gpkg");
        NucleusGeoPackage.Write(path, Nuclei);
        var summary = Ogr("-so", path, "nuclei");
        Assert.DoesNotContain("Warning", summary, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("ERROR", summary, StringComparison.Ordinal);
        Assert.Contains("Geometry: Polygon", summary, StringComparison.Ordinal);
        Assert.Contains($"Feature Count: {Nuclei.Length}", summary, StringComparison.Ordinal);
        double[] extent =
        [
            Nuclei.Min(n => n.Polygon.Bounds.Left), Nuclei.Min(n => n.Polygon.Bounds.Top), Nuclei.Max(n => n.Polygon.Bounds.Right), Nuclei.Max(n => n.Polygon.Bounds.Bottom),
        ];
        Assert.Contains(FormattableString.Invariant($"Extent: ({extent[0]:F6}, {extent[1]:F6}) - ({extent[2]:F6}, {extent[3]:F6})"), summary, StringComparison.Ordinal);
        Assert.Contains("area_um2: Real", summary, StringComparison.Ordinal);

        var inside = Nuclei.Count(n => n.Polygon.Exterior.All(v => v.X < 3900 && v.Y < 3950));
        var filtered = Ogr("-spat", "0", "0", "3900", "3950", path, "nuclei", "-so");
        var touching = int.Parse(filtered.Split("Feature Count: ")[1].Split('\n')[0], CultureInfo.InvariantCulture);
        Assert.InRange(touching, inside, Nuclei.Count(n => n.Polygon.Bounds.Left <= 3900 && n.Polygon.Bounds.Top <= 3950));
        Assert.True(inside > 10);

        // Through spatialite's functions: every polygon valid, the same total area.
        var areas = Ogr("-q", path, "-dialect", "SQLite", "-sql", "SELECT sum(ST_Area(geom)) AS total, min(ST_IsValid(geom)) AS valid FROM nuclei");
        if (areas.Contains("total", StringComparison.Ordinal))
        {
            Assert.Contains("valid (Integer) = 1", areas, StringComparison.Ordinal);
            var total = double.Parse(areas.Split("total (Real) = ")[1].Split('\n')[0], CultureInfo.InvariantCulture);
            Assert.Equal(Nuclei.Sum(n => n.Polygon.Area), total, 1e-3);
        }
    }

    [Fact]
    public void GeoJson_Written_IsReadBackAndDeterministic()
    {
        NucleusGeoJson.Write(In("a.geojson.gz"), Nuclei, "slide");
        NucleusGeoJson.Write(In("b.geojson.gz"), Nuclei, "slide");
        var bytes = File.ReadAllBytes(In("a.geojson.gz"));
        Assert.Equal(bytes, File.ReadAllBytes(In("b.geojson.gz")));
        Assert.Equal([0, 0, 0, 0], bytes[4..8]); // no time in the gzip header
        var features = GeoJsonReader.ReadFile(In("a.geojson.gz"));
        Assert.Equal(Nuclei.Length, features.Count);
        for (var i = 0; i < features.Count; i++)
        {
            Assert.Equal(Nuclei[i].Polygon.Exterior, features[i].Polygons[0].Exterior);
            Assert.Equal(("detection", "Nucleus"), (features[i].ObjectType, features[i].ClassName));
            Assert.Equal(Nuclei[i].AreaUm2, features[i].Measurements.Single(m => m.Key == "area_um2").Value, 1e-4);
        }

        NucleusGeoJson.Write(In("plain.geojson"), Nuclei, "slide");
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        Assert.Equal(File.ReadAllText(In("plain.geojson")), reader.ReadToEnd());
    }

    [Fact]
    public void Quip_Written_HasTheColumnsTilesAndKeysOfThePublishedFiles()
    {
        var slide = new QuipSlide { Width = 9000, Height = 8009, Mpp = 0.25, CaseId = "case", SubjectId = "patient" };
        Assert.Equal(Nuclei.Length, QuipFiles.Write(_folder, Nuclei, slide));
        string[] expected =
        [
            "1_1_4000_4000_0.25_1_SEG", "4001_1_4000_4000_0.25_1_SEG", "8001_1_994_4000_0.25_1_SEG",
            "1_4001_4000_4000_0.25_1_SEG", "4001_4001_4000_4000_0.25_1_SEG", "8001_4001_994_4000_0.25_1_SEG", // the last three rows make no tile
        ];
        var names = expected.SelectMany(n => (string[])[n + "-algmeta.json", n + "-features.csv"]).Append("finish").Order(StringComparer.Ordinal);
        Assert.Equal(names, Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var metadata = JsonNode.Parse(File.ReadAllText(In("4001_1_4000_4000_0.25_1_SEG-algmeta.json")))!.AsObject();
        Assert.Equal(
            "input_type otsu_ratio curvature_weight min_size max_size ms_kernel declump_type levelset_num_iters mpp image_width image_height tile_minx tile_miny tile_width tile_height "
            + "patch_minx patch_miny patch_width patch_height output_level out_file_prefix subject_id case_id analysis_id analysis_execution_date version analysis_desc",
            string.Join(' ', metadata.Select(p => p.Key)));
        Assert.Equal("git_remote git_branch git_commit model_path model_hash model_url model_ver", string.Join(' ', metadata["version"]!.AsObject().Select(p => p.Key)));
        Assert.Equal((4001, 1, "case"), ((int)metadata["tile_minx"]!, (int)metadata["tile_miny"]!, (string)metadata["case_id"]!));

        var rows = 0;
        foreach (var name in expected)
        {
            var lines = File.ReadAllLines(In(name + "-features.csv"));
            Assert.Equal("AreaInPixels,PhysicalSize,Polygon", lines[0]);
            rows += lines.Length - 1;
            var origin = name.Split('_');
            var (left, top) = (int.Parse(origin[0], CultureInfo.InvariantCulture), int.Parse(origin[1], CultureInfo.InvariantCulture));
            var mine = Nuclei.Where(n => n.Centroid.X >= left && n.Centroid.X < left + 4000 && n.Centroid.Y >= top && n.Centroid.Y < top + 4000).ToArray();
            var read = QuipFiles.Read(In(name + "-features.csv")).ToArray();
            Assert.Equal(mine.Select(n => (long)n.AreaPixels), read.Select(r => r.PhysicalSize));
            for (var i = 0; i < read.Length; i++)
            {
                Assert.Equal(read[i].PhysicalSize, read[i].AreaInPixels);
                Assert.Equal(mine[i].Polygon.Exterior.Length, read[i].Polygon.Exterior.Length);
                Assert.All(mine[i].Polygon.Exterior.Zip(read[i].Polygon.Exterior), p => Assert.Equal((p.First.X, p.First.Y), (p.Second.X, p.Second.Y))); // halves fit tenths
            }
        }

        Assert.Equal(Nuclei.Length, rows);
        Assert.Matches(@"^\d+,\d+,\[\d+\.\d(:\d+\.\d)+\]$", File.ReadAllLines(In("1_1_4000_4000_0.25_1_SEG-features.csv"))[1]);
    }

    [Fact]
    public void Quip_At20x_TruncatesLevel0PixelsOfTheDoubledFrame()
    {
        var nucleus = Nuclei[0] with { AreaUm2 = 43 * 0.0625, Centroid = new Level0Point(10, 10) };
        QuipFiles.Write(_folder, [nucleus], new QuipSlide { Width = 2000, Height = 1000, Mpp = 0.5, CaseId = "case" });
        var row = Assert.Single(QuipFiles.Read(In("1_1_1994_994_0.5_2_SEG-features.csv")));
        Assert.Equal((10, 43), (row.AreaInPixels, row.PhysicalSize));
    }

    [Fact]
    public void Quip_OtherOrderOfNuclei_GivesTheSameFiles()
    {
        var slide = new QuipSlide { Width = 9000, Height = 8009, Mpp = 0.25, CaseId = "case" };
        QuipFiles.Write(In("a"), Nuclei, slide);
        QuipFiles.Write(In("b"), Nuclei.Reverse(), slide);
        foreach (var file in Directory.GetFiles(In("a")))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(In("b"), Path.GetFileName(file))));
    }

    [Fact]
    public void Quip_ReadDamagedOrOddRows_NamesTheLineOrDropsThem()
    {
        File.WriteAllText(In("x.csv"), "AreaInPixels,PhysicalSize,Polygon\n5,20,[1.0:2.0:3.0:4.0]\n5,20,[1.0:2.0:5.0:2.0:3.0:4.0:1.0:2.0]\n");
        Assert.Equal(3, Assert.Single(QuipFiles.Read(In("x.csv"))).Polygon.Exterior.Length);
        File.WriteAllText(In("x.csv"), "AreaInPixels,PhysicalSize,Polygon\n5,twenty,[1.0:2.0]\n");
        Assert.Contains("line 2", Assert.Throws<SlideException>(() => QuipFiles.Read(In("x.csv")).ToArray()).Message, StringComparison.Ordinal);
        File.WriteAllText(In("x.csv"), "a,b\n");
        Assert.Contains("not a QuIP features file", Assert.Throws<SlideException>(() => QuipFiles.Read(In("x.csv")).ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Codec_EncodedNuclei_ComeBackWhole()
    {
        var bytes = NucleusCodec.Encode(Nuclei);
        var back = NucleusCodec.Decode(bytes);
        Assert.Equal(Nuclei.Length, back.Length);
        for (var i = 0; i < back.Length; i++)
        {
            Assert.Equal(Nuclei[i].Polygon.Exterior, back[i].Polygon.Exterior);
            Assert.Equal(Nuclei[i], back[i] with { Polygon = Nuclei[i].Polygon });
        }

        Assert.Throws<InvalidDataException>(() => NucleusCodec.Decode(bytes[..^9]));
        bytes[0] = 99;
        Assert.Throws<InvalidDataException>(() => NucleusCodec.Decode(bytes));
    }

    private string In(string name) => Path.Combine(_folder, name);

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection;
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string Ogr(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ogrinfo", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + errors.Result;
    }
}
