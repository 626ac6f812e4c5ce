return await Microtome.Cli.CommandLineHost.RunAsync(args);
