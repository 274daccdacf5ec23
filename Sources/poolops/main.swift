print("poolops")
