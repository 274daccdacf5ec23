// ExperimentFile
