namespace Microtome.Pathology;

/// <summary>The tables of a GeoPackage 1.3 (OGC 12-128r17), the requirement of the standard beside each.</summary>
internal static class GeoPackageSchema
{
    /// <summary>Reference systems (requirements 10 and 11), contents (13), geometry columns (21), extensions (58).</summary>
    public const string Core = """
        CREATE TABLE gpkg_spatial_ref_sys (
          srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
          definition TEXT NOT NULL, description TEXT);
        INSERT INTO gpkg_spatial_ref_sys VALUES
          ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'level-0 pixels of the slide: x to the right, y down, origin at the top left corner'),
          ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
          ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]', 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
        CREATE TABLE gpkg_contents (
          table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
          last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
          min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
          CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
        CREATE TABLE gpkg_geometry_columns (
          table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
          CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
          CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
          CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
        CREATE TABLE gpkg_extensions (
          table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
          CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
        """;

    /// <summary>The features (requirements 29 and 30) and their R-tree (75).</summary>
    public static string FeatureTable(string layer) =>
        $"CREATE TABLE {layer} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POLYGON, class TEXT, "
        + string.Join(", ", NucleusColumns.All.Select(c => c.Name + " DOUBLE")) + ");"
        + $"CREATE VIRTUAL TABLE rtree_{layer}_geom USING rtree(id, minx, maxx, miny, maxy);";

    /// <summary>The rows that announce them. The time of the last change is a fixed one, so that equal contents are equal files.</summary>
    public static string Register(string layer, NucleusGeoPackage.Bounds bounds) => $"""
        INSERT INTO gpkg_contents VALUES
          ('{layer}', 'features', '{layer}', 'Nuclei: polygons in level-0 pixels, sizes in microns', '1970-01-01T00:00:00.000Z', {bounds.Sql}, -1);
        INSERT INTO gpkg_geometry_columns VALUES ('{layer}', 'geom', 'POLYGON', -1, 0, 0);
        INSERT INTO gpkg_extensions VALUES
          ('{layer}', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');
        """;

    /// <summary>The triggers that keep the R-tree right when somebody edits the file (requirement 76). Made last: they call functions that plain SQLite lacks.</summary>
    public static string Triggers(string layer)
    {
        var tree = $"rtree_{layer}_geom";
        const string envelope = "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)";
        const string full = "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))";
        const string empty = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))";
        return $"""
            CREATE TRIGGER {tree}_insert AFTER INSERT ON {layer} WHEN {full}
            BEGIN INSERT OR REPLACE INTO {tree} VALUES (NEW.fid, {envelope}); END;
            CREATE TRIGGER {tree}_update2 AFTER UPDATE OF geom ON {layer} WHEN OLD.fid = NEW.fid AND {empty}
            BEGIN DELETE FROM {tree} WHERE id = OLD.fid; END;
            CREATE TRIGGER {tree}_update4 AFTER UPDATE ON {layer} WHEN OLD.fid != NEW.fid AND {empty}
            BEGIN DELETE FROM {tree} WHERE id IN (OLD.fid, NEW.fid); END;
            CREATE TRIGGER {tree}_update5 AFTER UPDATE ON {layer} WHEN OLD.fid != NEW.fid AND {full}
            BEGIN DELETE FROM {tree} WHERE id = OLD.fid; INSERT OR REPLACE INTO {tree} VALUES (NEW.fid, {envelope}); END;
            CREATE TRIGGER {tree}_update6 AFTER UPDATE OF geom ON {layer} WHEN OLD.fid = NEW.fid AND {full} AND (OLD.geom NOTNULL AND NOT ST_IsEmpty(OLD.geom))
            BEGIN UPDATE {tree} SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom), miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.fid; END;
            CREATE TRIGGER {tree}_update7 AFTER UPDATE OF geom ON {layer} WHEN OLD.fid = NEW.fid AND {full} AND (OLD.geom ISNULL OR ST_IsEmpty(OLD.geom))
            BEGIN INSERT INTO {tree} VALUES (NEW.fid, {envelope}); END;
            CREATE TRIGGER {tree}_delete AFTER DELETE ON {layer} WHEN OLD.geom NOT NULL
            BEGIN DELETE FROM {tree} WHERE id = OLD.fid; END;
            """;
    }
}
