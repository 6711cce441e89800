/// The version of this program and library.
public let latentVersion = "0.1.0"
