namespace Microtome.Decoding;

/// <summary>Seconds a token and bytes read for it; 0 for an arm that did not run.</summary>
/// <param name="Dense">Seconds of the dense decoder.</param>
/// <param name="Spark">Seconds of the Spark decoder.</param>
/// <param name="Search">Seconds of the Spark decoder with the exact top-token search.</param>
/// <param name="DenseBytes">Weights, keys and values that the dense one reads.</param>
/// <param name="SparkBytes">The same for Spark, counted with the units that fired.</param>
/// <param name="SearchBytes">The same with the search.</param>
/// <param name="SearchRows">Rows of the output matrix that the last search read in full.</param>
public sealed record DecodeTimes(double Dense, double Spark, double Search, long DenseBytes, long SparkBytes, long SearchBytes, int SearchRows);
