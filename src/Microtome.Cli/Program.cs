Microtome.Cli.Threading.Prepare();
return await Microtome.Cli.CommandLineHost.RunAsync(args);
